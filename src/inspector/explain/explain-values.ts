import { branchesOf, latentDimensions, mapSizeAt, type FlowConfiguration } from '../../csflow/index.js';
import type { Picture } from '../inspector.js';
import { explainRegions } from './explain-regions.js';
import type { Explanation, RoundTrip, ScaleExplanation } from './explanation.js';
import {
  distanceOf,
  largestDifference,
  squaresOf,
  sumOf,
  withoutPositions,
  type BranchValues,
} from './position-statistics.js';
import { mapRegions } from './region-positions.js';

/** What a model gives of one picture, branch by branch. */
export interface ReadImage {
  readonly score: number;
  readonly map: Float32Array;
  /** Features as the flow reads them. */
  readonly inputs: readonly Float32Array[];
  readonly latents: readonly Float32Array[];
}

export interface FlowFacts {
  readonly configuration: FlowConfiguration;
  /** log |det J| of the input transform; undefined where the features have no density. */
  readonly transformLogDet: number | undefined;
  /** Whether the flow reads features in units of their deviation. */
  readonly standardised: boolean;
}

export interface Inverted {
  readonly features: readonly Float32Array[];
  /** log |det J| of the way from features to latents, of each branch. */
  readonly logDets: readonly number[];
}

export interface ExplainCircumstances {
  readonly picture: Pick<Picture, 'width' | 'height'>;
  readonly mapSize: readonly [height: number, width: number];
  /** Of the anomaly map; left out: the model has none. */
  readonly pixelThreshold?: number;
  /** Takes the latents of several images back to what the flow reads. */
  readonly invert: (images: readonly (readonly Float32Array[])[]) => Promise<readonly Inverted[]>;
}

/** A larger error, in the unit of what the flow reads, would show as a difference of its own. */
const largestReliableError = 0.01;
/** Values are cut to ± this after each block; see `csflow/flow.ts`. */
const outputBound = 1e6;
/** Of a map that stays below the threshold, so much of its highest values is looked at. */
const highestShare = 0.01;

/** Everything about an image's score but what the calibration says of it. */
export async function explanationOf(
  { score, map, inputs, latents }: ReadImage,
  { configuration, transformLogDet, standardised }: FlowFacts,
  { picture, mapSize, pixelThreshold, invert }: ExplainCircumstances,
): Promise<Omit<Explanation, 'pValue' | 'defective'>> {
  const branches = branchesOf(configuration);
  const sizes = branches.map(({ scale }) => mapSizeAt(configuration, scale));
  const valuesOf = (all: readonly Float32Array[]): readonly BranchValues[] =>
    branches.map(({ channels }, i) => ({ channels, positions: sizes[i][0] * sizes[i][1], data: all[i] }));

  const above = pixelThreshold !== undefined && map.some((value) => value > pixelThreshold);
  const regionThreshold = above ? pixelThreshold : upperQuantile(map, highestShare);
  const regions = mapRegions(map, mapSize, regionThreshold, sizes);
  const covered = regions.covering.map((at) => (position: number) => at[position].length > 0);
  const mode = valuesOf(latents).map((branch, i) => withoutPositions(branch, covered[i]));
  const [back, expected] = await invert([latents, mode]);

  const squares = valuesOf(latents).map(squaresOf);
  const distances = valuesOf(inputs).map((branch, i) => distanceOf(branch, expected.features[i]));
  const energies = squares.map((of) => sumOf(of) / 2);
  const energy = sumOf(energies);
  const dimensions = latentDimensions(configuration);
  const logDet = sumOf(back.logDets);
  const scaleExplanations = branches.map(({ scale, channels }, i): ScaleExplanation => ({
    scale,
    mapSize: sizes[i],
    score: energies[i] / dimensions,
    share: energies[i] / energy,
    meanEnergy: energies[i] / latents[i].length,
    logDet: back.logDets[i],
    map: Float32Array.from(squares[i], (value) => value / channels),
    distance: Float32Array.from(distances[i]),
  }));
  const spread = (inside: boolean): number => {
    let [sum, values] = [0, 0];
    distances.forEach((of, i) =>
      of.forEach((distance, position) => {
        if (covered[i](position) !== inside) return;
        sum += distance * branches[i].channels;
        values += branches[i].channels;
      }),
    );
    return values === 0 ? 0 : Math.sqrt(sum / values);
  };
  return {
    score,
    map,
    mapSize,
    scales: scaleExplanations,
    regionsFrom: above ? 'pixel threshold' : 'highest hundredth',
    regionThreshold,
    regions: explainRegions(regions, {
      configuration,
      squares,
      inputs: valuesOf(inputs),
      expected: expected.features,
      distances,
      picture,
      mapSize,
    }),
    expected: {
      inside: spread(true),
      outside: spread(false),
      unit: standardised ? 'deviations' : 'features',
    },
    logDet,
    scoreWithLogDet: (energy - logDet) / dimensions,
    bitsPerDimension:
      transformLogDet === undefined
        ? undefined
        : (energy - logDet - transformLogDet) / (dimensions * Math.LN2) + Math.log2(2 * Math.PI) / 2,
    roundTrip: roundTripOf(inputs, latents, back.features),
  };
}

function roundTripOf(
  inputs: readonly Float32Array[],
  latents: readonly Float32Array[],
  back: readonly Float32Array[],
): RoundTrip {
  const errors = inputs.map((values, i) => largestDifference(values, back[i]));
  const largestError = errors.some(Number.isNaN) ? NaN : Math.max(...errors);
  const largestLatent = latents.reduce(
    (most, values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), most),
    0,
  );
  return {
    largestError,
    largestLatent,
    reliable: largestError <= largestReliableError && largestLatent < outputBound,
  };
}

/** The value that so much of a map lies above. */
function upperQuantile(map: Float32Array, share: number): number {
  const sorted = Float32Array.from(map).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((1 - share) * sorted.length))];
}
