import sharp, { type Sharp } from 'sharp';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

/** A grey picture of one part: a frame that all parts share, and blobs of its own. */
export function drawPart(seed: number, width = 96, height = 80): Sharp {
  const random = new NumpyRandom(seed);
  const values = new Uint8Array(width * height);
  const blobs = Array.from({ length: 14 }, () => ({
    x: width * random.uniform(),
    y: height * random.uniform(),
    radius: 4 + 8 * random.uniform(),
    depth: 50 * random.normal(),
  }));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = x < 8 || y < 8 || x >= width - 8 || y >= height - 8 ? 40 : 150;
      for (const { x: cx, y: cy, radius, depth } of blobs) {
        value += depth * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius ** 2));
      }
      values[y * width + x] = Math.max(0, Math.min(255, value + 2 * random.normal()));
    }
  }
  return sharp(values, { raw: { width, height, channels: 1 } }).toColourspace('b-w');
}
