import type { RgbImage } from '../data/types.js';
import { barFor, drawBar, drawTick, ink, lettersFor } from './legend-bar.js';
import { drawText, textDescent, textWidth } from './lettering.js';
import { heatOfPosition, type PositionScale } from './position-map.js';

export interface PositionLegendOptions {
  readonly scale: PositionScale;
  /** Values that are named, from the scale's lowest to its highest. */
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
  /** What the values are. */
  readonly caption: string;
}

const paper = 255;

/**
 * What the colours of position maps mean.
 * @param wantedWidth in pixels; the legend is wider where its letters would not fit
 */
export function positionLegend(
  { scale: { low, high }, ticks, caption }: PositionLegendOptions,
  wantedWidth: number,
): RgbImage {
  const letters = lettersFor(wantedWidth);
  const widthOf = (text: string): number => Math.ceil(textWidth(text, letters));
  const labels = ticks.reduce((sum, { label }) => sum + widthOf(label) + letters, 0);
  const width = Math.max(wantedWidth, 2 * letters + Math.max(widthOf(caption), labels));
  const bar = barFor(width, letters);
  const labelsAt = bar.top + bar.height + Math.ceil(letters * 1.8);
  const captionAt = labelsAt + Math.ceil(letters * 1.9);
  const height = captionAt + Math.ceil(textDescent(letters)) + Math.ceil(letters / 2);
  const image = { width, height, data: new Uint8Array(width * height * 3).fill(paper) };
  drawBar(image, bar, heatOfPosition);
  for (const { value, label } of ticks) {
    const position = (value - low) / (high - low);
    drawTick(image, bar, position, letters);
    // In the middle of its tick, and not past the bar's ends.
    const left = bar.left + bar.width * position - widthOf(label) / 2;
    const last = bar.left + bar.width - widthOf(label);
    drawText(image, label, Math.min(last, Math.max(bar.left, left)), labelsAt, letters, ink);
  }
  drawText(image, caption, bar.left, captionAt, letters, ink);
  return image;
}
