import type { RgbImage } from '../data/types.js';
import { inferno } from './colour-map.js';

export interface PositionMapOptions {
  readonly image: RgbImage;
  /** One value for each of rows · columns positions, row by row. */
  readonly values: Float32Array;
  readonly size: readonly [rows: number, columns: number];
  /** This and less leaves the picture as it is. */
  readonly low: number;
  /** This and more has the hottest colour. */
  readonly high: number;
}

/** The hottest colour still lets the picture shine through. */
const mostOpaque = 0.7;
/** The darkest third of the colours would only make a picture look dirty. */
const warmestStart = 0.35;

/** Values of a feature map over the picture, each as the rectangle that it stands for. */
export function drawPositionMap({ image, values, size, low, high }: PositionMapOptions): RgbImage {
  const [rows, columns] = size;
  if (values.length !== rows * columns) {
    throw new RangeError(`values: expected ${rows} × ${columns}, got ${values.length}`);
  }
  const { height, width } = image;
  const data = image.data.slice();
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) {
      const value = values[row + Math.floor((x * columns) / width)];
      const heat = Math.min(1, (value - low) / (high - low));
      if (!(heat > 0)) continue;
      const colour = inferno(warmestStart + (1 - warmestStart) * heat);
      const opacity = mostOpaque * Math.sqrt(heat);
      for (let channel = 0; channel < 3; channel++) {
        const at = 3 * (y * width + x) + channel;
        data[at] = Math.round(data[at] + (colour[channel] - data[at]) * opacity);
      }
    }
  }
  return { width, height, data };
}
