import type { RgbImage } from '../data/types.js';

const paper = 255;

/** Pictures one below the other, each as it is, on white at their right. */
export function stacked(images: readonly RgbImage[]): RgbImage {
  const width = Math.max(0, ...images.map((image) => image.width));
  const height = images.reduce((sum, image) => sum + image.height, 0);
  const data = new Uint8Array(width * height * 3).fill(paper);
  let top = 0;
  for (const image of images) {
    for (let y = 0; y < image.height; y++) {
      const row = image.data.subarray(3 * y * image.width, 3 * (y + 1) * image.width);
      data.set(row, 3 * (top + y) * width);
    }
    top += image.height;
  }
  return { width, height, data };
}
