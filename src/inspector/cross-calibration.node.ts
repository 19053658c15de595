import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { UserError } from '../errors.js';
import type { Device } from '../runtime/session.js';
import type { TrainingEvent } from '../training/index.js';
import { writeWhole } from '../write-file.node.js';
import { scoreUnseen, type UnseenScores } from './calibrate-flow.js';
import { exists, foldsFile } from './checkpoint-file.node.js';
import type { DetectorView, MapChoice } from './detector-program.js';
import type { ImageFeatures } from './extract-features.node.js';
import { fitFlow, joinFeatures, samplesIn } from './fit-flow.node.js';
import { epochsFor, type TrainingSettings } from './settings.js';

/** What a flow learns from, and the images held out of it that it scores. */
export interface Round {
  readonly learned: readonly ImageFeatures[];
  readonly heldOut: readonly ImageFeatures[];
}

export interface CrossOptions {
  readonly settings: TrainingSettings;
  /** How the anomaly maps are made that set the colour scale. */
  readonly choice: MapChoice;
  readonly detector: DetectorView;
  readonly seed: number;
  readonly device: Device;
  /** Time for the flow of the first round; the others pass over their images as often as it did. Left out: no limit. */
  readonly firstBudgetSeconds?: number;
  readonly fingerprintOf: (round: number) => string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  /** The listener of the flow of a round, from 0. */
  readonly eventsOf: (round: number) => (event: TrainingEvent) => void;
  /** The scores of so many rounds are kept for `resume`. */
  readonly onDone?: (rounds: number) => void;
  readonly signal?: AbortSignal;
}

export interface CrossScores {
  /** Of each round. */
  readonly unseen: readonly UnseenScores[];
  /** Passes over the images that the rounds took where time was limited; else each takes what the settings say. */
  readonly passes?: number;
}

/**
 * Trains a flow a round on the whole schedule and lets it score the images held out of it, so that every image is scored
 * by a flow that has not seen it (cross-validation for prediction sets; Vovk 2015, Barber, Candès, Ramdas and Tibshirani
 * 2021). The flows themselves are not kept.
 */
export async function scoreRounds(rounds: readonly Round[], options: CrossOptions): Promise<CrossScores> {
  const { settings, choice, detector, device, checkpoint, firstBudgetSeconds, signal } = options;
  const fingerprint = options.fingerprintOf(-1);
  const saved =
    checkpoint !== undefined && options.resume
      ? await readDone(foldsFile(checkpoint), fingerprint)
      : undefined;
  const unseen = [...(saved?.unseen ?? [])];
  let passes = saved?.passes;
  for (let round = unseen.length; round < rounds.length; round++) {
    const { learned, heldOut } = rounds[round];
    const { flow, steps } = await fitFlow(learned, {
      ...options,
      epochs: passes ?? epochsFor(settings, samplesIn(learned)),
      budgetSeconds: round === 0 ? firstBudgetSeconds : undefined,
      fingerprint: options.fingerprintOf(round),
      onEvent: options.eventsOf(round),
    });
    if (firstBudgetSeconds !== undefined) {
      passes ??= Math.max(1, Math.floor(steps / Math.ceil(samplesIn(learned) / settings.recipe.batch)));
    }
    const samples = { features: joinFeatures(heldOut, settings), pictures: heldOut };
    unseen.push(await scoreUnseen(flow, samples, choice, detector, settings.recipe.batch, device));
    if (checkpoint !== undefined) {
      // A checkpoint that outlives its flow would be taken for the next one's.
      await rm(checkpoint, { force: true });
      const done: Done = { format, fingerprint, passes, unseen };
      await writeWhole(foldsFile(checkpoint), JSON.stringify(done));
      options.onDone?.(unseen.length);
    }
    signal?.throwIfAborted();
  }
  return { unseen, passes };
}

const format = 3;
const doneSchema = z.object({
  format: z.literal(format),
  fingerprint: z.string(),
  passes: z.number().optional(),
  unseen: z.array(z.custom<UnseenScores>((value) => typeof value === 'object' && value !== null)),
});
type Done = z.infer<typeof doneSchema>;

async function readDone(path: string, fingerprint: string): Promise<Done | undefined> {
  if (!(await exists(path))) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    content = undefined;
  }
  const { data } = doneSchema.safeParse(content);
  if (data?.fingerprint === fingerprint) return data;
  throw new UserError(
    `${path}: expected the scores of an interrupted training with the same data and settings, got ` +
      `${data === undefined ? 'something else' : 'those of another'}; give the same ones as before, or leave out ` +
      '--resume to start anew',
  );
}
