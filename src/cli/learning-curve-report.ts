import type { CurvePoint, LearningCurve } from '../inspector/learning-curve.node.js';
import { print, printJson, shown, table } from './output.js';
import { summariseSkipped } from './skipped.js';

interface Spread {
  readonly mean: number;
  /** Standard deviation over the seeds; undefined for one. */
  readonly deviation: number | undefined;
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: undefined };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

function rowsOf({ sizes, points }: LearningCurve) {
  return sizes.map((size) => {
    const own = points.filter((point) => point.size === size);
    const over = (value: (point: CurvePoint) => number): Spread => spreadOf(own.map(value));
    const aurocs = own.flatMap(({ auroc }) => auroc ?? []);
    return {
      size,
      images: over(({ images }) => images).mean,
      parts: over(({ parts }) => parts).mean,
      nats: over(({ nats }) => nats),
      score: over(({ score }) => score),
      auroc: aurocs.length === 0 ? undefined : spreadOf(aurocs),
    };
  });
}

export type Answer = 'yes' | 'no' | 'unclear';

/** Smaller gains than this, in nats a dimension, are of no use even where they are certain. */
const usefulGain = 0.005;

/** Whether more photos would help, by the last step of the curve. */
export function answerOf({ gain }: Pick<LearningCurve, 'gain'>): Answer {
  if (gain.low > 0 && gain.mean >= usefulGain) return 'yes';
  if (gain.high < usefulGain) return 'no';
  return 'unclear';
}

function answerInWords(curve: LearningCurve): string {
  const { gain, points } = curve;
  const [before, last] = rowsOf(curve)
    .slice(-2)
    .map(({ images }) => Math.round(images));
  const seeds = new Set(points.map(({ seed }) => seed)).size;
  const interval = Number.isFinite(gain.low)
    ? `${shown(gain.mean, 2)} nats, 95 % interval ${shown(gain.low, 2)} to ${shown(gain.high, 2)} over ${seeds} seeds`
    : `${shown(gain.mean, 2)} nats for one seed, which says nothing of its uncertainty`;
  const step = `From ${before} to ${last} photos the held-out good ones fell by ${interval}`;
  switch (answerOf({ gain })) {
    case 'yes':
      return `${step}. More photos would help: the model still understands new good parts better with each.`;
    case 'no':
      return `${step}. More photos of the same kind would hardly help the model; those of other parts, days or light may.`;
    case 'unclear':
      return `${step}. Whether more photos would help does not show; --seeds with a larger number narrows it down.`;
  }
}

/** A learning curve as a table with its answer in words, or as one JSON object. */
export function reportLearningCurve(curve: LearningCurve, json: boolean): void {
  const rows = rowsOf(curve);
  if (json) {
    printJson({
      sizes: rows.map(({ size, images, parts, nats, score, auroc }) => ({
        size,
        images,
        parts,
        held_out_nats: nats.mean,
        held_out_nats_deviation: nats.deviation ?? null,
        held_out_score: score.mean,
        test_auroc: auroc?.mean ?? null,
        test_auroc_deviation: auroc?.deviation ?? null,
      })),
      sizes_left_out: curve.dropped.map(({ size, sameAs }) => ({ size, same_as: sameAs })),
      held_out_images: curve.heldOut.images,
      held_out_parts: curve.heldOut.parts,
      points: curve.points,
      gain: curve.gain.mean,
      gain_low: finite(curve.gain.low),
      gain_high: finite(curve.gain.high),
      more_photos_help: answerOf(curve),
      skipped: curve.skipped.length,
    });
    return;
  }
  const withTest = rows.some(({ auroc }) => auroc !== undefined);
  const pair = ({ mean, deviation }: Spread, digits: number): string =>
    deviation === undefined ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
  print(
    table([
      ['photos', 'parts', 'held-out nats', 'held-out score', ...(withTest ? ['test AUROC*'] : [])],
      ...rows.map(({ images, parts, nats, score, auroc }) => [
        String(Math.round(images)),
        String(Math.round(parts)),
        pair(nats, 4),
        pair(score, 3),
        ...(auroc === undefined ? [] : [pair(auroc, 3)]),
      ]),
    ]),
  );
  const { images, parts } = curve.heldOut;
  print(
    `\nMeasured on ${images} good photos of ${parts} parts held out: −log p a dimension (lower is better) and the mean` +
      '\nanomaly score (0.5 for photos the model has understood); ± over the seeds. Every seed draws from these photos:' +
      '\n± and the interval cover the draws only, not what photos of other parts or days would show.',
  );
  if (withTest)
    print('* of the test images, defective ones included: for information, nothing is chosen by it.');
  print(`\n${answerInWords(curve)}`);
  for (const { size, sameAs } of curve.dropped) {
    print(`left out    size ${size}: it takes the photos of ${sameAs}, since whole parts are taken`);
  }
  for (const { reason, count } of summariseSkipped(curve.skipped)) print(`skipped     ${count}: ${reason}`);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
