import { pValues } from '../evaluation/index.js';
import { readOnnxMetadata } from '../graph/index.js';
import { valuesOf, type Device, type Session } from '../runtime/session.js';
import { openRegion } from '../view/index.js';
import { decodeMetadata, type ModelMetadata } from './model-metadata.js';
import { goodScoresOf } from './model-threshold.js';
import { inspectTiles } from './tiled-inspection.js';

/** 8-bit RGB pixels, row by row: `data` has height · width · 3 values. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Verdict {
  /** The anomaly score: the mean of z²/2 over the picture or its region of interest; of tiles, see `view.score`. */
  readonly score: number;
  /** How often a good part would score at least as high, from the calibration images; parts seen several times count once. */
  readonly pValue: number;
  readonly defective: boolean;
  /** The anomaly map, row by row, to be stretched over the picture; 0 outside the region of interest. */
  readonly map: Float32Array;
  /** The model's size; of tiles, a size of the picture's shape. */
  readonly mapSize: readonly [height: number, width: number];
  /** Where the model has a region of interest: 1 for each value of the map inside, else 0. */
  readonly inside?: Uint8Array;
}

export interface InspectOptions {
  /** Stops between the runs of a picture's tiles. */
  readonly signal?: AbortSignal;
}

type Looked = Omit<Verdict, 'pValue' | 'defective'>;

/** A model ready to look at pictures. */
export interface Inspector {
  readonly metadata: ModelMetadata;
  /** Pictures that are looked at side by side. */
  readonly lanes: number;
  inspect(picture: Picture, options?: InspectOptions): Promise<Verdict>;
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
  /** The model, compiled on the device as `parallel` says, which may have begun before. Default: compiled here. */
  readonly session?: Session | Promise<Session>;
}

/** @param source names the file in errors */
export async function openInspector(
  model: Uint8Array,
  device: Device,
  source: string,
  { parallel = false, session: compiled }: OpenInspectorOptions = {},
): Promise<Inspector> {
  const metadata = readModelMetadata(model, source);
  const session = await (compiled ?? (parallel ? device.compileParallel(model) : device.compile(model)));
  const pValue = pValues(goodScoresOf(metadata));
  const { configuration, view, roi } = metadata;
  const lanes = parallel ? device.lanes : 1;
  const region = roi && openRegion(roi);
  const inside = view.kind === 'whole' ? region?.pixels(...configuration.size) : undefined;
  const look = async (picture: Picture, signal?: AbortSignal): Promise<Looked> => {
    if (view.kind === 'tiles') {
      return inspectTiles(picture, { session, configuration, view, region, lanes, signal });
    }
    const { width, height, data } = picture;
    const results = await session.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
    return {
      score: valuesOf(results, 'score', 'float32')[0],
      map: valuesOf(results, 'anomaly_map', 'float32'),
      mapSize: configuration.size,
      ...(inside && { inside }),
    };
  };
  return {
    metadata,
    lanes,
    async inspect(picture, { signal } = {}) {
      const looked = await look(picture, signal);
      return {
        ...looked,
        pValue: pValue(looked.score),
        defective: looked.score > metadata.threshold.value,
      };
    },
    close: () => session.close(),
  };
}
