import type { RgbImage } from '../data/types.js';
import type { PixelThreshold } from '../inspector/map-calibration.js';
import { smallestMeasured, type MapScale } from '../inspector/map-scale.js';
import type { Colour } from './colour-map.js';
import { contourColour } from './contour.js';
import { blend, calmPValue, heatOfRarity, hottestPValue } from './heat-scale.js';
import { drawStroke, drawText, textDescent, textWidth } from './lettering.js';

export interface LegendOptions {
  readonly scale: MapScale;
  /** Where regions begin; left out where none are outlined. */
  readonly threshold?: Pick<PixelThreshold, 'pValue'>;
}

const paper = 255;
const ink: Colour = [40, 40, 40];
/** Colours are shown as they look over a picture of medium brightness. */
const ground: Colour = [128, 128, 128];

const smallestLetters = 9;
/** Capitals in the legend of a picture of this width are one pixel high. */
const widthForLetters = 75;
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
  const letters = Math.max(smallestLetters, Math.round(wantedWidth / widthForLetters));
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
  const [barTop, barHeight] = [margin, Math.round(letters * 1.2)];
  const firstBaseline = barTop + barHeight + Math.ceil(letters * 1.8);
  const lines = outline === undefined || oneLine ? 2 : 3;
  const height = firstBaseline + (lines - 1) * line + Math.ceil(textDescent(letters)) + Math.ceil(margin / 2);
  const image = { width, height, data: new Uint8Array(width * height * 3).fill(paper) };

  const barWidth = width - 2 * margin;
  drawBar(image, margin, barTop, barWidth, barHeight);
  const at = (p: number): number => margin + barWidth * positionOf(p);
  for (const p of tickPValues) {
    const bottom = barTop + barHeight;
    drawStroke(
      image,
      [
        [at(p), bottom],
        [at(p), bottom + letters / 3],
      ],
      1,
      ink,
    );
  }
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
          [x, barTop],
          [x, barTop + barHeight],
        ],
        lineWidth,
        contourColour,
      );
    }
    const baseline = firstBaseline + (lines - 1) * line;
    const left = oneLine ? width - margin - outlineWidth : margin;
    const centre = baseline - letters / 2;
    drawGround(image, left, centre - letters / 2, sample, letters);
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
  const below = legend(options, image.width);
  const [width, height] = [Math.max(image.width, below.width), image.height + below.height];
  const data = new Uint8Array(width * height * 3).fill(paper);
  let top = 0;
  for (const part of [image, below]) {
    for (let y = 0; y < part.height; y++) {
      data.set(part.data.subarray(3 * y * part.width, 3 * (y + 1) * part.width), 3 * (top + y) * width);
    }
    top += part.height;
  }
  return { width, height, data };
}

/** 0 … 1 along the bar. */
function positionOf(p: number): number {
  const position = Math.log10(calmPValue / p) / Math.log10(calmPValue / hottestPValue);
  return Math.min(1, Math.max(0, position));
}

function drawBar(image: RgbImage, left: number, top: number, width: number, height: number): void {
  drawGround(image, left, top, width, height);
  const [calm, hottest] = [-Math.log10(calmPValue), -Math.log10(hottestPValue)];
  for (let x = 0; x < width; x++) {
    const { colour, opacity } = heatOfRarity(calm + ((hottest - calm) * (x + 0.5)) / width);
    for (let y = top; y < top + height; y++) blend(image.data, y * image.width + left + x, colour, opacity);
  }
}

function drawGround(image: RgbImage, left: number, top: number, width: number, height: number): void {
  for (let y = Math.round(top); y < Math.round(top + height); y++) {
    for (let x = Math.round(left); x < Math.round(left + width); x++) {
      blend(image.data, y * image.width + x, ground, 1);
    }
  }
}
