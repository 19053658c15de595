/** What one scale adds to an image's score, and what was expected there. */
export interface ScaleExplanation {
  /** 0, 1 or 2; where all scales are joined into one map, that of the finest. */
  readonly scale: number;
  /** Positions of its maps. */
  readonly mapSize: readonly [height: number, width: number];
  /** Its part of the score: Σ z²/2 over its values, divided by the values of all scales. The parts add up to the score. */
  readonly score: number;
  /** Of the score, 0 to 1. */
  readonly share: number;
  /** Mean of z²/2 over its own values alone: 0.5 where they are as the flow expects them. */
  readonly meanEnergy: number;
  /** log |det J| of the flow on its values, in nats. */
  readonly logDet: number;
  /** Mean of z² over the channels of each position, row by row. */
  readonly map: Float32Array;
  /** Mean over the channels of (x − x̂)², features as the flow reads them; see `ExpectedFeatures`. Row by row. */
  readonly distance: Float32Array;
}

/** One feature that was expected otherwise, in the mean over a region's positions. */
export interface ChannelDifference {
  readonly scale: number;
  /** Channel of the backbone's features, counted from 0. */
  readonly channel: number;
  readonly seen: number;
  readonly expected: number;
}

/** A connected part of the picture that stands out in the anomaly map. */
export interface ExplainedRegion {
  /** Its bounding box in the picture's pixels. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Share of the picture's area. */
  readonly area: number;
  /** Highest value of the anomaly map in it. */
  readonly peak: number;
  /** Positions that it covers, at each scale. */
  readonly positions: readonly number[];
  /** Share of the score that comes from these positions; one that several regions cover is shared evenly. */
  readonly shareOfScore: number;
  /** √ of the mean of (x − x̂)² over its positions and channels. */
  readonly distance: number;
  /** The features that differ most from what was expected, the largest difference first. */
  readonly channels: readonly ChannelDifference[];
}

/**
 * What the flow expected in place of the regions: z with 0, the mode of its normal distribution, at all positions that a
 * region covers, taken back through the flow: x̂ = f⁻¹(z · [outside]). Other positions change too, as far as the subnets
 * see.
 */
export interface ExpectedFeatures {
  /** √ of the mean of (x − x̂)² over all positions of all regions, and over the others. */
  readonly inside: number;
  readonly outside: number;
  /** Of these distances: the deviation of each channel and scale over the training images, or the features' own unit. */
  readonly unit: 'deviations' | 'features';
}

/** How exactly the inverse, in float32, gives back what the flow has read. */
export interface RoundTrip {
  /** Largest |f⁻¹(f(x)) − x| over all features as the flow reads them. */
  readonly largestError: number;
  /** Largest |z|. */
  readonly largestLatent: number;
  /** False where the error is too large, or values were cut to ±1e6, for the expectation to mean anything. */
  readonly reliable: boolean;
}

/** Why an image has its score. */
export interface Explanation {
  /** The anomaly score: the mean of z²/2, as `inspect` gives it. */
  readonly score: number;
  /** How often a good part would score at least as high, as `inspect` gives it: each calibration part has one vote. */
  readonly pValue: number;
  readonly defective: boolean;
  /** The anomaly map at the model's size, row by row. */
  readonly map: Float32Array;
  readonly mapSize: readonly [height: number, width: number];
  /** Finest first; a model that joins all scales into one map has one. */
  readonly scales: readonly ScaleExplanation[];
  /** Whether the regions lie above the model's pixel threshold; else they are the highest hundredth of this map. */
  readonly regionsFrom: 'pixel threshold' | 'highest hundredth';
  /** The map's value that the regions lie above. */
  readonly regionThreshold: number;
  /** By their share of the score, the largest first. */
  readonly regions: readonly ExplainedRegion[];
  readonly expected: ExpectedFeatures;
  /** log |det J| of the flow over all scales, in nats, the input transform left out. */
  readonly logDet: number;
  /** (½‖z‖² − log |det J|) / D, the loss (WACV 2022, eq. 6) of this image: the score with the log-det in it. */
  readonly scoreWithLogDet: number;
  /**
   * −log₂ p(x) / D of the features x under the flow, log p(x) = −½‖z‖² − D/2 · log 2π + log |det J|, the input
   * transform's log-det included. Undefined for a model that joins all scales: it repeats the coarser ones, and what is
   * repeated has no density.
   */
  readonly bitsPerDimension: number | undefined;
  readonly roundTrip: RoundTrip;
}
