import { pValues } from '../evaluation/index.js';
import { readOnnxMetadata } from '../graph/index.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { decodeMetadata, type ModelMetadata } from './model-metadata.js';
import { goodScoresOf } from './model-threshold.js';

/** 8-bit RGB pixels, row by row: `data` has height · width · 3 values. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Verdict {
  /** The anomaly score: the mean of z²/2. */
  readonly score: number;
  /** How often a good part would score at least as high, from the calibration images; parts seen several times count once. */
  readonly pValue: number;
  readonly defective: boolean;
  /** The anomaly map at the model's size, row by row. */
  readonly map: Float32Array;
  readonly mapSize: readonly [height: number, width: number];
}

/** A model ready to look at pictures. */
export interface Inspector {
  readonly metadata: ModelMetadata;
  /** Pictures that are looked at side by side. */
  readonly lanes: number;
  inspect(picture: Picture): Promise<Verdict>;
  close(): Promise<void>;
}

/** Reads what a model file says of itself. */
export function readModelMetadata(model: Uint8Array, source: string): ModelMetadata {
  return decodeMetadata(readOnnxMetadata(model, source), source);
}

export interface OpenInspectorOptions {
  /**
   * For many pictures: each core looks at one of its own where the device can, so that more are done in a time and
   * each takes longer. Default: all cores work on one.
   */
  readonly parallel?: boolean;
}

/** @param source names the file in errors */
export async function openInspector(
  model: Uint8Array,
  device: Device,
  source: string,
  { parallel = false }: OpenInspectorOptions = {},
): Promise<Inspector> {
  const metadata = readModelMetadata(model, source);
  const session = await (parallel ? device.compileParallel(model) : device.compile(model));
  const pValue = pValues(goodScoresOf(metadata));
  return {
    metadata,
    lanes: parallel ? device.lanes : 1,
    async inspect({ width, height, data }) {
      const results = await session.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
      const score = valuesOf(results, 'score', 'float32')[0];
      return {
        score,
        pValue: pValue(score),
        defective: score > metadata.threshold.value,
        map: valuesOf(results, 'anomaly_map', 'float32'),
        mapSize: metadata.configuration.size,
      };
    },
    close: () => session.close(),
  };
}
