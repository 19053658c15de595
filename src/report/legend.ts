import type { RgbImage } from '../data/types.js';
import type { PixelThreshold } from '../inspector/map-calibration.js';
import { smallestMeasured, type MapScale } from '../inspector/map-scale.js';
import { contourColour } from './contour.js';
import { calmPValue, heatOfRarity, hottestPValue } from './heat-scale.js';
import { barFor, drawBar, drawGround, drawTick, ink, lettersFor } from './legend-bar.js';
import { drawStroke, drawText, textDescent, textWidth } from './lettering.js';
import { stacked } from './stack.js';

export interface LegendOptions {
  readonly scale: MapScale;
  /** Where regions begin; left out where none are outlined. */
  readonly threshold?: Pick<PixelThreshold, 'pValue'>;
}

const paper = 255;
const tickPValues = [calmPValue, Math.sqrt(calmPValue * hottestPValue), hottestPValue];
const caption = 'good pixels are as odd or odder';

/** Past this nobody has counted. */
const mostGoodPixels = 1e7;

/** "1 in 1,000", to two digits; with a tilde where the scale is extrapolated. */
export function oneIn(p: number, scale: MapScale): string {
  const count = Math.min(mostGoodPixels, Number((1 / p).toPrecision(2)));
  const measured = p >= smallestMeasured(scale) * (1 - 1e-9);
  return `${measured ? '' : '~'}1 in ${count.toLocaleString('en-US')}`;
}

/**
 * What the colours of heatmaps mean: a bar with p-values, and the level of the outline. The same for all pictures of a
 * model.
 * @param wantedWidth in pixels; the legend is wider where its letters would not fit
 */
export function legend({ scale, threshold }: LegendOptions, wantedWidth: number): RgbImage {
  const letters = lettersFor(wantedWidth);
  const margin = letters;
  const labels = tickPValues.map((p) => oneIn(p, scale));
  const outline = threshold && `outline: ${oneIn(threshold.pValue, scale)}`;
  const sample = 2 * letters;
  const widthOf = (text: string): number => Math.ceil(textWidth(text, letters));
  // The middle label stands at the bar's middle, the others at its ends.
  const [first, middle, last] = labels.map(widthOf);
  const labelsWidth = middle + 2 * (Math.max(first, last) + letters);
  const captionWidth = widthOf(caption);
  const outlineWidth = outline === undefined ? 0 : Math.ceil(sample + letters / 2 + widthOf(outline));
  const width = Math.max(wantedWidth, 2 * margin + Math.max(labelsWidth, captionWidth, outlineWidth));
  const oneLine = captionWidth + 2 * letters + outlineWidth <= width - 2 * margin;
  const line = Math.ceil(letters * 1.9);
  const bar = barFor(width, letters);
  const firstBaseline = bar.top + bar.height + Math.ceil(letters * 1.8);
  const lines = outline === undefined || oneLine ? 2 : 3;
  const height = firstBaseline + (lines - 1) * line + Math.ceil(textDescent(letters)) + Math.ceil(margin / 2);
  const image = { width, height, data: new Uint8Array(width * height * 3).fill(paper) };

  const [calm, hottest] = [-Math.log10(calmPValue), -Math.log10(hottestPValue)];
  drawBar(image, bar, (position) => heatOfRarity(calm + (hottest - calm) * position));
  const at = (p: number): number => bar.left + bar.width * positionOf(p);
  for (const p of tickPValues) drawTick(image, bar, positionOf(p), letters);
  labels.forEach((label, i) => {
    const left = at(tickPValues[i]) - (widthOf(label) * i) / (labels.length - 1);
    drawText(image, label, left, firstBaseline, letters, ink);
  });
  drawText(image, caption, margin, firstBaseline + line, letters, ink);
  if (outline !== undefined && threshold !== undefined) {
    const lineWidth = Math.max(1.25, letters / 7);
    if (positionOf(threshold.pValue) < 1) {
      const x = at(threshold.pValue);
      drawStroke(
        image,
        [
          [x, bar.top],
          [x, bar.top + bar.height],
        ],
        lineWidth,
        contourColour,
      );
    }
    const baseline = firstBaseline + (lines - 1) * line;
    const left = oneLine ? width - margin - outlineWidth : margin;
    const centre = baseline - letters / 2;
    drawGround(image, { left, top: centre - letters / 2, width: sample, height: letters });
    drawStroke(
      image,
      [
        [left + 2, centre],
        [left + sample - 2, centre],
      ],
      lineWidth,
      contourColour,
    );
    drawText(image, outline, left + sample + letters / 2, baseline, letters, ink);
  }
  return image;
}

/** A picture with the legend below it; the picture stays as it is, in the upper left corner. */
export function withLegend(image: RgbImage, options: LegendOptions): RgbImage {
  return stacked([image, legend(options, image.width)]);
}

/** 0 … 1 along the bar. */
function positionOf(p: number): number {
  const position = Math.log10(calmPValue / p) / Math.log10(calmPValue / hottestPValue);
  return Math.min(1, Math.max(0, position));
}
