import type { RgbImage } from '../data/types.js';
import { inferno } from './colour-map.js';
import { blend, type Heat } from './heat-scale.js';

/** Between what values colours change. */
export interface PositionScale {
  /** This and less leaves the picture as it is. */
  readonly low: number;
  /** This and more has the hottest colour. */
  readonly high: number;
}

export interface PositionMapOptions {
  readonly image: RgbImage;
  /** One value for each of rows · columns positions, row by row. */
  readonly values: Float32Array;
  readonly size: readonly [rows: number, columns: number];
  readonly scale: PositionScale;
}

/** The hottest colour still lets the picture shine through. */
const mostOpaque = 0.7;
/** The darkest third of the colours would only make a picture look dirty. */
const warmestStart = 0.35;

/** The heat of a place on the scale, from 0 at its low to 1 at its high end. */
export function heatOfPosition(position: number): Heat {
  return {
    colour: inferno(warmestStart + (1 - warmestStart) * position),
    opacity: mostOpaque * Math.sqrt(position),
  };
}

/** Values of a feature map over the picture, each as the rectangle that it stands for. */
export function drawPositionMap({ image, values, size, scale }: PositionMapOptions): RgbImage {
  const [rows, columns] = size;
  const { low, high } = scale;
  if (values.length !== rows * columns) {
    throw new RangeError(`values: expected ${rows} × ${columns}, got ${values.length}`);
  }
  const { height, width } = image;
  const data = image.data.slice();
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) {
      const value = values[row + Math.floor((x * columns) / width)];
      const position = Math.min(1, (value - low) / (high - low));
      if (!(position > 0)) continue;
      const { colour, opacity } = heatOfPosition(position);
      blend(data, y * width + x, colour, opacity);
    }
  }
  return { width, height, data };
}
