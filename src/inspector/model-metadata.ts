import { z } from 'zod';
import { backboneNames } from '../backbone/index.js';
import { crossScaleKinds, mapCombinations } from '../csflow/index.js';
import { UserError } from '../errors.js';
import { tileScores } from '../view/index.js';

/** The version of the model file this code writes and reads. */
export const formatVersion = 2;

/** Which good images choose a threshold: of the test images, those that set it in training, or both. */
export const goodScoresChoices = ['test', 'calibration', 'both'] as const;

const wholePositive = z.number().int().positive();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const digests = z.array(digest);
const partKeys = z.array(z.string().regex(/^[0-9a-f]{16}$/));
/** The threshold was chosen on these test images, by their SHA-256. */
const chosenOn = {
  images: digests,
  data: digest,
  /** The good images that chose it: test images, or `calibration` scores too; left out by earlier versions. */
  goodScores: z.enum(goodScoresChoices).optional(),
} as const;

/** How the threshold was set. */
const origin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('calibration') }),
  z.object({ kind: z.literal('value') }),
  z.object({
    kind: z.literal('cost'),
    costMissed: z.number(),
    costRejected: z.number(),
    defectShare: z.number(),
    ...chosenOn,
  }),
  z.object({ kind: z.literal('f1'), f1: z.number(), ...chosenOn }),
]);

const view = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('whole') }),
  z.object({
    kind: z.literal('tiles'),
    /** Height and width in pixels of the picture; each tile is resized to `configuration.size`. */
    tile: z.tuple([wholePositive, wholePositive]),
    overlap: z.number().min(0).max(1),
    /** How the tiles' scores make the picture's. */
    score: z.enum(tileScores),
  }),
]);

const region = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('polygon'),
    /** x and y in shares of the picture's width and height. */
    points: z.array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])).min(3),
  }),
  z.object({
    kind: z.literal('mask'),
    height: wholePositive,
    width: wholePositive,
    /** Lengths of the runs of pixels outside and inside by turns, row by row. */
    runs: z.array(z.number().int().min(0)),
  }),
]);

/** What the model file says of itself, one `csflow.*` entry each. */
const entries = {
  configuration: z.object({
    backbone: z.object({ name: z.enum(backboneNames), layer: z.number().int() }),
    size: z.tuple([wholePositive, wholePositive]),
    channels: wholePositive,
    hidden: wholePositive,
    kernels: z.array(wholePositive),
    clamp: z.number(),
    gamma: z.boolean(),
    usedScales: z.array(z.number().int()),
    cross: z.enum(crossScaleKinds),
    /** How the scales' maps become the anomaly map. */
    mapCombination: z.enum(mapCombinations),
  }),
  view,
  /** The region of interest; left out: the whole picture. */
  roi: region.optional(),
  training: z.object({
    preset: z.string(),
    recipe: z.string(),
    seed: z.number().int(),
    epochs: z.number(),
    steps: z.number().int(),
    finalLoss: z.number(),
    seconds: z.number(),
    /** The highest of the schedule, and images or tiles a step, as they were in effect; files of earlier versions lack both. */
    learningRate: z.number().optional(),
    batch: wholePositive.optional(),
    /** `csflow` and its version. */
    createdBy: z.string(),
    /** Versions of what computed; files of earlier versions lack it. */
    runtime: z.object({ node: z.string(), onnxruntime: z.string() }).optional(),
  }),
  data: z.object({
    layout: z.string(),
    /**
     * SHA-256 of the image files, so that `evaluate` can leave them out; all that the parameters have ever learned from,
     * in earlier trainings too.
     */
    trainingImages: digests,
    calibrationImages: digests,
    /** Physical parts that the training images show, those of earlier models too; files of before have none. */
    trainingGroups: wholePositive.optional(),
    /** Physical parts that the calibration images show. */
    calibrationGroups: wholePositive,
    /**
     * Where the data had no split of its own: on which side its parts stood, those of earlier models too, by the first 16
     * hex digits of the SHA-256 of their names. More photos then move none of them to the other side.
     */
    parts: z.object({ train: partKeys, test: partKeys }).optional(),
    skipped: z.number().int(),
    /** Digest over all of them. */
    digest: z.string(),
  }),
  /** Of a training that went on from an earlier model; left out of one that started anew. */
  from: z
    .object({
      /** SHA-256 of the model files gone on from, the latest last. */
      models: z.array(digest).min(1),
      /** Images learned from this time that the earlier model had not seen, and that it had learned from. */
      newImages: z.number().int(),
      knownImages: z.number().int(),
      /** Images that calibrated the earlier models and not this one: none may ever be learned from. */
      calibrationImages: digests,
    })
    .optional(),
  /** The learned factors that the graph's weights hold inside, in the order of `parameterSpecs`. */
  gammas: z.array(z.number()),
  calibration: z.object({
    /** Anomaly scores of the calibration images, ascending. */
    scores: z.array(z.number()),
    /** The physical part that each of the scores is of, numbered from 0. */
    groups: z.array(z.number().int().nonnegative()),
    /** Whether they were held out of the flow in this file, or each scored by one of `folds` flows that had not seen it. */
    method: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('split') }),
      z.object({ kind: z.literal('cross'), folds: wholePositive }),
    ]),
    /** How seldom good pixels reach a value of the anomaly map, from the calibration images' maps. */
    mapScale: z.object({ quantiles: z.array(z.object({ p: z.number(), value: z.number() })).min(1) }),
  }),
  threshold: z.object({
    value: z.number(),
    /** The share of good parts rejected: as asked for, or where the threshold was set otherwise, to be expected. */
    falseRejectRate: z.number(),
    /** Whether the calibration images are enough to know the rate, and how many of different parts would be. */
    enough: z.boolean(),
    neededImages: z.number().int(),
    /** Between what the true share of good images rejected lies. */
    band: z.object({ low: z.number(), high: z.number(), confidence: z.number() }),
    origin,
    /** Of a pixel of the anomaly map: regions lie above it. */
    pixel: z.object({
      value: z.number(),
      pValue: z.number(),
      goodImageShare: z.number(),
      enough: z.boolean(),
    }),
  }),
  source: z.object({
    backbone: z.string(),
    licence: z.string(),
    /** SHA-256 of the file that the backbone's weights came from. */
    weightsDigest: digest.optional(),
  }),
} as const;

const schema = z
  .object(entries)
  .refine(({ calibration: { scores, groups } }) => scores.length === groups.length, {
    path: ['calibration', 'groups'],
    error: 'expected one a score',
  });
export type ModelMetadata = z.infer<typeof schema>;
export type ThresholdOrigin = ModelMetadata['threshold']['origin'];

const key = (name: string): string => `csflow.${name}`;

/** The metadata as `metadata_props` of the model file: one JSON entry a part, and the format's version. */
export function encodeMetadata(metadata: ModelMetadata): Readonly<Record<string, string>> {
  const known = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const parts = known.map(([name, value]) => [key(name), JSON.stringify(value)]);
  return { [key('format')]: String(formatVersion), ...(Object.fromEntries(parts) as Record<string, string>) };
}

/** One part of it. */
export function encodeEntry<Name extends keyof ModelMetadata>(
  name: Name,
  value: ModelMetadata[Name],
): Readonly<Record<string, string>> {
  return { [key(name)]: JSON.stringify(value) };
}

/** @throws UserError where the properties are not those of a csflow model, or of another version */
export function decodeMetadata(properties: Readonly<Record<string, string>>, source: string): ModelMetadata {
  const version = properties[key('format')];
  if (version === undefined) {
    throw new UserError(
      `${source}: expected a model made by csflow train, got an ONNX model without csflow's metadata`,
    );
  }
  if (version !== String(formatVersion)) {
    const older = Number(version) < formatVersion;
    throw new UserError(
      `${source}: expected model format ${formatVersion}, got ${version}; ` +
        (older ? 'train it again, or use the csflow that made it' : 'use the csflow that made it'),
    );
  }
  const parsed = schema.safeParse(
    Object.fromEntries(Object.keys(entries).map((name) => [name, parseEntry(properties[key(name)])])),
  );
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(`${source}: its entry csflow.${issue?.path.join('.')} is damaged (${issue?.message})`);
}

function parseEntry(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
