import type { RgbImage } from '../data/types.js';
import { ink } from './legend-bar.js';
import { drawText, textDescent, textWidth } from './lettering.js';

const paper = 255;

/**
 * A line of text as a picture on white.
 * @param letters height of capitals, in pixels
 * @param left of the first letter, in pixels
 */
export function textLine(text: string, letters: number, left = 0): RgbImage {
  const width = left + Math.ceil(textWidth(text, letters));
  const baseline = Math.ceil(letters * 1.3);
  const height = baseline + Math.ceil(textDescent(letters));
  const image = { width, height, data: new Uint8Array(3 * width * height).fill(paper) };
  drawText(image, text, left, baseline, letters, ink);
  return image;
}
