import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage } from '../data/index.js';
import { UserError } from '../errors.js';
import type { Backend } from '../runtime/session.js';
import { endedWith, runChild, type ChildResult } from './child.js';
import { inTemporaryFolder } from './pictures.js';
import { peerScript, runRate, type PythonModule } from './python.js';
import { peerRate, rateOf, type PeerRate, type Rate, type RateAnswer } from './rate.js';
import type { BenchSection } from './section.js';
import { median } from './statistics.js';

/** What the peer of a model file imports. */
export const predictModules: readonly PythonModule[] = ['openvino', 'numpy'];

const entry = fileURLToPath(new URL('./measure-predict.node.js', import.meta.url));
const commandLine = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** What `measure-predict.node.ts` is asked for. */
export interface PredictRequest {
  readonly model: string;
  /** Name of two files without their ending: `.json` lists height and width of each picture, `.bin` holds their RGB bytes. */
  readonly pixels: string;
  readonly threads: number;
  readonly backend: Backend;
}

export interface PredictOptions {
  /** A model file of csflow. */
  readonly model: string;
  /** Picture files, eight at least. */
  readonly pictures: readonly string[];
  /** A Python with openvino and numpy; left out: csflow alone is measured. */
  readonly peer?: string;
  readonly repeats: number;
  readonly threads: number;
  readonly backend: Backend;
}

/** OpenVINO is asked for the shortest time of one picture, or for the most pictures a second. */
const hints = ['latency', 'throughput'] as const;
type Hint = (typeof hints)[number];

export interface PredictReport {
  readonly images: number;
  readonly repeats: number;
  /** From decoded pixels to scores. */
  readonly csflow: Rate;
  readonly peer?: PeerRate & {
    /** The faster one by a first look. */
    readonly hint: Hint;
    /** Of a picture's score, as a share of it. */
    readonly largestDifference: number;
  };
  /** `csflow predict` on the files as a user runs it, start and decoding included. */
  readonly command: {
    readonly imagesPerSecond: number;
    readonly secondsToFirstVerdict: number;
    /** From the start of the command to its end, with one picture. */
    readonly secondsOfOnePicture: number;
  };
}

/** What a picture and the start of a process take, roughly, for the time left. */
const guessed = { image: 0.03, start: 2 };

/** A model file, csflow and OpenVINO in turns, each run in a process of its own. */
export function predictSection(options: PredictOptions): BenchSection<PredictReport> {
  const { model, pictures, peer, repeats, threads, backend } = options;
  const whole = guessed.start + guessed.image * pictures.length;
  const runsOfPeer = peer === undefined ? 0 : repeats + hints.length;
  return {
    guessedSeconds: (2 * repeats + runsOfPeer) * whole + repeats * guessed.start,
    run: (ended, signal) =>
      inTemporaryFolder(async (folder) => {
        const pixels = join(folder, 'pixels');
        await writePixels(pictures, pixels);
        const runPeer = async (hint: Hint): Promise<RateAnswer> => {
          const numbers = ['--hint', hint, '--threads', String(threads)];
          const args = [peerScript('predict_openvino.py'), model, pixels, ...numbers];
          const answer = await runRate(peer!, args, signal);
          ended(`predict: OpenVINO, ${hint}`, whole);
          return answer;
        };
        const request: PredictRequest = { model, pixels, threads, backend };
        const runOwn = (): Promise<RateAnswer> =>
          runRate(process.execPath, [entry, JSON.stringify(request)], signal);
        const runCommand = async (some: readonly string[]): Promise<ChildResult> => {
          const settings = ['--threads', String(threads), '--device', backend];
          const args = [commandLine, 'predict', model, ...some, '--json', ...settings];
          const child = await runChild(process.execPath, args, signal);
          if (child.code !== 0) throw new UserError(`csflow predict ${endedWith(child)}`);
          return child;
        };

        const hint = peer === undefined ? undefined : await fasterHint(runPeer);
        const [ours, theirs]: [RateAnswer[], RateAnswer[]] = [[], []];
        const [many, one]: [ChildResult[], ChildResult[]] = [[], []];
        for (let turn = 0; turn < repeats; turn++) {
          ours.push(await runOwn());
          ended('predict: csflow', whole);
          if (hint !== undefined) theirs.push(await runPeer(hint));
          many.push(await runCommand(pictures));
          ended('predict: the command', whole);
          one.push(await runCommand(pictures.slice(0, 1)));
          ended('predict: the command, one picture', guessed.start);
        }
        return {
          images: pictures.length,
          repeats,
          csflow: rateOf(ours, threads),
          ...(hint !== undefined && { peer: { hint, ...comparison(ours, theirs, threads) } }),
          command: {
            imagesPerSecond: median(many.map(({ seconds }) => pictures.length / seconds)),
            secondsToFirstVerdict: median(
              many.map(({ firstOutputSeconds, seconds }) => firstOutputSeconds ?? seconds),
            ),
            secondsOfOnePicture: median(one.map(({ seconds }) => seconds)),
          },
        };
      }),
  };
}

async function fasterHint(run: (hint: Hint) => Promise<RateAnswer>): Promise<Hint> {
  const [latency, throughput] = [await run('latency'), await run('throughput')];
  return latency.images_per_second > throughput.images_per_second ? 'latency' : 'throughput';
}

function comparison(ours: readonly RateAnswer[], theirs: readonly RateAnswer[], threads: number) {
  const [own, other] = [ours[0].scores ?? [], theirs[0].scores ?? []];
  return {
    ...peerRate(ours, theirs, threads),
    largestDifference: Math.max(...own.map((score, i) => Math.abs(other[i] / score - 1))),
  };
}

/** Decoded once for all runs; those who are measured hold all pixels in memory. */
async function writePixels(pictures: readonly string[], pixels: string): Promise<void> {
  const sizes: (readonly [height: number, width: number])[] = [];
  const file = await open(`${pixels}.bin`, 'w');
  try {
    for (const path of pictures) {
      const { width, height, data } = await decodeImage(path);
      sizes.push([height, width]);
      await file.appendFile(data);
    }
  } finally {
    await file.close();
  }
  await writeFile(`${pixels}.json`, JSON.stringify(sizes));
}
