import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { evaluateScores } from '#csflow/evaluation/index.js';
import type { Evaluation, InspectedImage } from '#csflow/inspector/evaluate.node.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { thresholdForRate } from '#csflow/inspector/model-threshold.js';
import { embedPicture } from '#csflow/report/index.js';
import type { ReportInput, ShownCase } from '#csflow/report/html/index.js';

export const root = resolve('/photos/flanges');
export const threshold = 0.5;

export interface DrawnImage {
  readonly score: number;
  /** `good`, or the name of a defect. */
  readonly kind: string;
  readonly name?: string;
  readonly group?: string;
  readonly outsideRegion?: InspectedImage['outsideRegion'];
}

export function inspected(
  { score, kind, name, group, outsideRegion }: DrawnImage,
  index: number,
): InspectedImage {
  const path = resolve(root, name ?? `test/${kind}/${String(index).padStart(3, '0')}.png`);
  const label = kind === 'good' ? ('good' as const) : ('defective' as const);
  return {
    image: { path, label, defectClass: kind, split: 'test', group: group ?? path },
    digest: createHash('sha256').update(path).digest('hex'),
    verdict: { score, pValue: score > threshold ? 0.01 : 0.4, defective: score > threshold },
    ...(outsideRegion && { outsideRegion }),
  };
}

export function drawnEvaluation(images: readonly DrawnImage[], more: Partial<Evaluation> = {}): Evaluation {
  const all = images.map(inspected);
  const items = all.map(({ image: { label, defectClass, group }, verdict: { score } }) => ({
    score,
    label,
    defectClass,
    group,
  }));
  return {
    summary: evaluateScores(items, threshold, { resamples: 100 }),
    pixelImages: 0,
    images: all,
    skipped: [],
    leftOut: [],
    choseThreshold: 0,
    warnings: [],
    ...more,
  };
}

export const metadata: ModelMetadata = {
  configuration: {
    backbone: { name: 'efficientnet-lite0', layer: 14 },
    size: [384, 384],
    channels: 192,
    hidden: 64,
    kernels: [3, 3, 3, 5],
    clamp: 3,
    gamma: true,
    usedScales: [0, 1, 2],
    cross: 'full',
    mapCombination: 'finest',
  },
  view: { kind: 'whole' },
  training: {
    preset: 'small',
    recipe: 'default',
    seed: 7,
    epochs: 16,
    steps: 700,
    finalLoss: -0.8123,
    seconds: 231,
    learningRate: 0.002,
    batch: 16,
    createdBy: 'csflow 1.2.2',
    runtime: { node: '20.0.0', onnxruntime: '1.29.0' },
  },
  data: {
    layout: 'folder',
    trainingImages: ['a'.repeat(64)],
    calibrationImages: ['b'.repeat(64)],
    calibrationGroups: 120,
    skipped: 0,
    digest: 'c'.repeat(64),
  },
  gammas: [],
  calibration: {
    scores: Array.from({ length: 120 }, (_, i) => 0.2 + 0.0025 * i),
    groups: Array.from({ length: 120 }, (_, i) => i),
    method: { kind: 'split' },
    mapScale: {
      quantiles: [
        { p: 0.1, value: 1 },
        { p: 0.01, value: 2 },
        { p: 0.001, value: 3 },
      ],
    },
  },
  threshold: {
    value: threshold,
    falseRejectRate: 0.01,
    enough: true,
    neededImages: 99,
    band: { low: 0.004, high: 0.025, confidence: 0.95 },
    origin: { kind: 'calibration' },
    pixel: { value: 3, pValue: 0.001, goodImageShare: 0.05, enough: true },
  },
  source: { backbone: 'EfficientNet-Lite0', licence: 'Apache-2.0', weightsDigest: 'd'.repeat(64) },
};

/** Of a model whose threshold was set by flows of which each had not seen a part of the pictures. */
export const crossed: ModelMetadata = {
  ...metadata,
  data: {
    ...metadata.data,
    trainingImages: ['a'.repeat(64), 'b'.repeat(64)],
    calibrationImages: ['a'.repeat(64), 'b'.repeat(64)],
  },
  calibration: { ...metadata.calibration, method: { kind: 'cross', folds: 5 } },
};

/** Of a model that has gone on from others, and looks at tiles of a part of the picture. */
export const continued: ModelMetadata = {
  ...metadata,
  view: { kind: 'tiles', tile: [256, 256], overlap: 0.3, score: 'maximum' },
  roi: {
    kind: 'polygon',
    points: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  },
  from: {
    models: ['1'.repeat(64), '2'.repeat(64)],
    newImages: 12,
    knownImages: 30,
    calibrationImages: ['3'.repeat(64)],
  },
};

/** The usual one, calibrated on another number of parts with one picture each; its threshold is for 1 % of them. */
export function calibratedOn(
  parts: number,
  method: ModelMetadata['calibration']['method'] = { kind: 'split' },
): ModelMetadata {
  const scores = Array.from({ length: parts }, (_, i) => 0.2 + (0.3 * (i + 1)) / parts);
  const groups = scores.map((_, i) => i);
  const { calibration, data } = metadata;
  return {
    ...metadata,
    data: { ...data, calibrationGroups: parts },
    calibration: { ...calibration, scores, groups, method },
    threshold: {
      ...metadata.threshold,
      ...thresholdForRate({ scores: Float64Array.from(scores), groups: Int32Array.from(groups) }, 0.01),
    },
  };
}

export function drawnInput(images: readonly DrawnImage[], more: Partial<ReportInput> = {}): ReportInput {
  return {
    created: new Date('2026-01-02T03:04:05Z'),
    version: '1.2.3',
    runtime: { node: '20.1.0', onnxruntime: '1.30.0' },
    data: { root, layout: 'mvtec', division: 'as the folders say', notes: [] },
    evaluation: drawnEvaluation(images),
    model: { file: 'flanges.onnx', bytes: 17_300_000, digest: 'e'.repeat(64), metadata },
    shown: { good: [], defective: [] },
    ...more,
  };
}

/** Cases with pictures of their own, those of the input's images that a report would show. */
export async function drawnCases(images: readonly InspectedImage[]): Promise<ReportInput['shown']> {
  const ofKind = async (label: 'good' | 'defective', sign: number): Promise<readonly ShownCase[]> => {
    const chosen = images
      .filter(({ image }) => image.label === label)
      .sort((a, b) => sign * (a.verdict.score - b.verdict.score))
      .slice(0, 6);
    return Promise.all(chosen.map((each, i) => drawnCase(each, i)));
  };
  return { good: await ofKind('good', -1), defective: await ofKind('defective', 1) };
}

async function drawnCase(each: InspectedImage, index: number): Promise<ShownCase> {
  const [width, height] = index % 3 === 2 ? [120, 300] : [320, 320];
  const image = { width, height, data: new Uint8Array(width * height * 3) };
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const grey = 90 + 60 * Math.sin(x / 17 + index) + 40 * Math.cos(y / 23);
    image.data.fill(grey, 3 * i, 3 * i + 3);
  }
  const outlined = each.image.label === 'defective';
  const mask = {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) =>
      Number(Math.hypot((i % width) - 70, Math.floor(i / width) - 90) < 30),
    ),
  };
  const picture = await embedPicture(image, outlined ? mask : undefined);
  return { inspected: each, photo: picture, heatmap: picture, outlined };
}

/** Numbers that look drawn at random and are the same each time. */
export function drawnScores(count: number, mean: number, spread: number): readonly number[] {
  return Array.from(
    { length: count },
    (_, i) => mean + spread * Math.sin(i * 12.9898) * Math.cos(i * 4.1414),
  );
}

/** A usual test set: 60 good pictures of 20 parts, three kinds of defect. */
export const usualImages: readonly DrawnImage[] = [
  ...drawnScores(60, 0.34, 0.18).map((score, i) => ({ score, kind: 'good', group: `part ${i % 20}` })),
  ...drawnScores(30, 0.9, 0.5).map((score) => ({ score, kind: 'crack' })),
  ...drawnScores(24, 0.7, 0.3).map((score) => ({ score, kind: 'scratch' })),
  ...drawnScores(8, 1.6, 0.4).map((score) => ({ score, kind: 'missing hole' })),
];
