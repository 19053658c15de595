import { mapSizeOf, nearestImageSize } from '../backbone/index.js';
import type { Size } from '../view/index.js';
import type { TrainingSettings } from './settings.js';

/** A training with some settings made smaller, so that it takes less memory. */
export interface SmallerTraining {
  readonly settings: TrainingSettings;
  readonly lanes: number;
  readonly resized: boolean;
  /** What was made smaller, as on the command line. */
  readonly options: readonly string[];
}

export interface SmallerOptions {
  readonly settings: TrainingSettings;
  readonly lanes: number;
  /** Whether size and width may change: not those of a model that is gone on from. */
  readonly reshapes: boolean;
}

export interface SmallerSearch {
  readonly fits: (training: SmallerTraining) => boolean;
  /** Whether what comes before the steps fits; where it does not, no batch and no width is tried. */
  readonly featuresFit: (training: SmallerTraining) => boolean;
}

const batches = [16, 8, 4, 2, 1];
const widths = [512, 256, 128, 64, 32, 16];
const laneCounts = [4, 2, 1];

const below = (choices: readonly number[], value: number): readonly number[] => [
  value,
  ...choices.filter((choice) => choice < value),
];

/** The size and smaller ones of about its shape, the largest first. */
function sizesFrom(size: Size): readonly Size[] {
  const steps = Math.max(...size) / 128;
  const sizes = Array.from({ length: steps }, (_, i) => {
    const share = (steps - i) / steps;
    return nearestImageSize([Math.round(size[0] * share), Math.round(size[1] * share)]);
  });
  return [...new Map(sizes.map((one) => [one.join('x'), one])).values()];
}

function smaller(
  { settings, lanes: allLanes }: SmallerOptions,
  change: { size: Size; lanes: number; hidden: number; batch: number },
): SmallerTraining {
  const { size, lanes, hidden, batch } = change;
  const { configuration, recipe } = settings;
  const resized = size.join() !== settings.size.join();
  return {
    settings: {
      ...settings,
      size,
      configuration: { ...configuration, hidden, ...(resized && { mapSize: mapSizeOf(size) }) },
      recipe: { ...recipe, batch },
    },
    lanes,
    resized,
    options: [
      ...(resized ? [`--size ${size.join('x')}`] : []),
      ...(batch === recipe.batch ? [] : [`--batch ${batch}`]),
      ...(hidden === configuration.hidden ? [] : [`--hidden ${hidden}`]),
      ...(lanes === allLanes ? [] : [`--threads ${lanes}`]),
    ],
  };
}

/**
 * The first training that fits, in an order of what is given up: pictures at a time, which costs time alone; the batch;
 * the width of the subnets; at last the size of the pictures.
 * @returns undefined where none of those that are tried fits
 */
export function smallerThatFits(
  options: SmallerOptions,
  { fits, featuresFit }: SmallerSearch,
): SmallerTraining | undefined {
  const { settings, lanes: allLanes, reshapes } = options;
  const { hidden: width } = settings.configuration;
  const { batch: wholeBatch } = settings.recipe;
  for (const size of reshapes ? sizesFrom(settings.size) : [settings.size]) {
    const lanes = below(laneCounts, allLanes).find((count) =>
      featuresFit(smaller(options, { size, lanes: count, hidden: width, batch: 1 })),
    );
    if (lanes === undefined) continue;
    const of = (hidden: number, batch: number) => smaller(options, { size, lanes, hidden, batch });
    const hiddenWidths = reshapes ? below(widths, width) : [width];
    // Where the smallest does not fit nothing else does, which saves trying it.
    if (!fits(of(hiddenWidths.at(-1)!, 1))) continue;
    const hidden = hiddenWidths.find((one) => fits(of(one, 1)))!;
    const batch = below(batches, wholeBatch).find((one) => fits(of(hidden, one)))!;
    return of(hidden, batch);
  }
  return undefined;
}

/** The smallest training that `smallerThatFits` tries. */
export function smallest(options: SmallerOptions): SmallerTraining {
  const { settings, reshapes, lanes } = options;
  const { hidden } = settings.configuration;
  return smaller(options, {
    size: reshapes ? sizesFrom(settings.size).at(-1)! : settings.size,
    lanes: Math.min(1, lanes),
    hidden: reshapes ? Math.min(hidden, widths.at(-1)!) : hidden,
    batch: 1,
  });
}
