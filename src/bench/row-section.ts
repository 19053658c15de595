import { UserError } from '../errors.js';
import type { Backend } from '../runtime/session.js';
import type { Measurement, Quantity } from './measurement.js';
import { measureOwn, measureOwnInference } from './own.js';
import { allPeerModes, fastestMode, measurePeer, type Attempt, type PeerMode, type PeerRun } from './peer.js';
import { compare, compareMemory, type PeerSeries, type RowReport } from './row-report.js';
import { guessedSeconds, showRow, trains, type BenchRow } from './rows.js';
import type { BenchSection } from './section.js';

export interface RowOptions {
  /** A Python with torch and numpy; left out: csflow alone is measured. */
  readonly peer?: string;
  /** What is looked at of the peer, one in float32 at least; default: all. */
  readonly peerModes?: readonly PeerMode[];
  readonly threads: number;
  /** Where csflow computes; the peer is on the CPU. */
  readonly backend: Backend;
}

export interface MeasuredRow {
  readonly report: RowReport;
  /** Name and version of the peer. */
  readonly peer?: string;
}

const lookRuns = 1;

const infers = { training: false, inference: true };
const both = { training: true, inference: true };
const guessedWork = { training: trains, inference: infers, both } as const;

function guessedRowSeconds(row: BenchRow, withPeer: boolean, modes: readonly PeerMode[]): number {
  const own = guessedSeconds(row, trains) + (row.inference ? guessedSeconds(row, infers) : 0);
  if (!withPeer) return row.repeats * own;
  const look = guessedSeconds({ ...row, runs: lookRuns }, row.inference ? both : trains);
  return row.repeats * 2 * own + modes.length * look;
}

/** A row: csflow and the peer take turns, each run in a process of its own. */
export function rowSection(row: BenchRow, options: RowOptions): BenchSection<MeasuredRow> {
  const { peer, peerModes = allPeerModes } = options;
  return {
    guessedSeconds: guessedRowSeconds(row, peer !== undefined, peerModes),
    run: (ended, signal) => measureRow(row, options, (seconds) => ended(showRow(row), seconds), signal),
  };
}

async function measureRow(
  row: BenchRow,
  { peer: python, peerModes = allPeerModes, threads, backend }: RowOptions,
  ended: (guessedSeconds: number) => void,
  signal?: AbortSignal,
): Promise<MeasuredRow> {
  const own = async (does: 'training' | 'inference'): Promise<Measurement> => {
    const request = { row, threads, backend };
    const measured =
      does === 'training'
        ? await measureOwn({ ...request, does }, signal)
        : await measureOwnInference(request, signal);
    ended(guessedSeconds(row, does === 'training' ? trains : infers));
    return measured;
  };
  const attempt = async (run: PeerRun): Promise<Attempt> => {
    const tried = await measurePeer(row, run, { python: python!, threads, signal });
    ended(guessedSeconds({ ...row, runs: run.runs }, guessedWork[run.does]));
    return tried;
  };
  const theirs = async (mode: PeerMode, does: 'training' | 'inference'): Promise<Measurement> => {
    const tried = await attempt({ mode, does, runs: row.runs });
    if (tried.ok) return tried.measured;
    throw new UserError(`${python}: mode ${mode} worked at first and then failed: ${tried.reason}`);
  };

  const looks = new Map<PeerMode, Attempt>();
  if (python !== undefined) {
    for (const mode of peerModes) {
      looks.set(mode, await attempt({ mode, does: row.inference ? 'both' : 'training', runs: lookRuns }));
    }
  }
  const modeOf = python === undefined ? undefined : chooseModes(looks, row, python);
  const inferenceModes = modeOf && new Set([modeOf.infer_batch1_s, modeOf.infer_batch_s]);

  const ownTraining: Measurement[] = [];
  const ownInference: Measurement[] = [];
  const peerTraining: Measurement[] = [];
  const peerInference = new Map<PeerMode, Measurement[]>();
  for (let turn = 0; turn < row.repeats; turn++) {
    ownTraining.push(await own('training'));
    if (modeOf !== undefined) peerTraining.push(await theirs(modeOf.train_step_s, 'training'));
    if (!row.inference) continue;
    ownInference.push(await own('inference'));
    for (const mode of inferenceModes ?? []) {
      peerInference.set(mode, [...(peerInference.get(mode) ?? []), await theirs(mode, 'inference')]);
    }
  }

  const bf16 = looks.get('bf16');
  const series = (quantity: Quantity): PeerSeries | undefined =>
    modeOf && {
      mode: modeOf[quantity],
      turns: quantity === 'train_step_s' ? peerTraining : peerInference.get(modeOf[quantity])!,
      ...(bf16?.ok && { bf16: bf16.measured }),
    };
  const report: RowReport = {
    row,
    parameters: ownTraining[0].parameters,
    trainingStep: compare('train_step_s', ownTraining, series('train_step_s')),
    ...(row.inference && {
      inferenceBatch1: compare('infer_batch1_s', ownInference, series('infer_batch1_s')),
      inferenceBatch: compare('infer_batch_s', ownInference, series('infer_batch_s')),
    }),
    memory: {
      training: compareMemory('training', ownTraining, modeOf && peerTraining),
      ...(row.inference && {
        inference: compareMemory(
          'inference',
          ownInference,
          modeOf && peerInference.get(modeOf.infer_batch_s),
        ),
      }),
    },
    modesLeftOut: [...looks].flatMap(([mode, look]) => (look.ok ? [] : [{ mode, reason: look.reason }])),
  };
  return { report, peer: peerTraining[0]?.peer };
}

/** The fastest float32 mode for each quantity. */
function chooseModes(
  looks: ReadonlyMap<PeerMode, Attempt>,
  { inference }: BenchRow,
  python: string,
): Readonly<Record<Quantity, PeerMode>> {
  const single = new Map([...looks].filter(([mode]) => mode !== 'bf16'));
  const fastest = (quantity: Quantity): PeerMode => {
    const mode = fastestMode(single, quantity);
    if (mode !== undefined) return mode;
    const reasons = [...looks].flatMap(([name, look]) => (look.ok ? [] : [`${name} ${look.reason}`]));
    throw new UserError(
      `--peer ${python}: expected a Python with torch and numpy, but no mode of bench/peer_torch.py works there ` +
        `(${reasons.join('; ')}). Install them: ${python} -m pip install torch numpy`,
    );
  };
  const training = fastest('train_step_s');
  return {
    train_step_s: training,
    // Where nothing is inferred, nothing reads these.
    infer_batch1_s: inference ? fastest('infer_batch1_s') : training,
    infer_batch_s: inference ? fastest('infer_batch_s') : training,
  };
}
