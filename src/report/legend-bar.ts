import type { RgbImage } from '../data/types.js';
import type { Colour } from './colour-map.js';
import { blend, type Heat } from './heat-scale.js';
import { drawStroke } from './lettering.js';

export const ink: Colour = [40, 40, 40];
/** Colours are shown as they look over a picture of medium brightness. */
const ground: Colour = [128, 128, 128];

const smallestLetters = 9;
/** Capitals in the legend of a picture of this width are one pixel high. */
const widthForLetters = 75;

/** How high the capitals are in the legend of a picture of this width, in pixels. */
export const lettersFor = (width: number): number =>
  Math.max(smallestLetters, Math.round(width / widthForLetters));

export interface Bar {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The bar of a legend with letters of this height, in a legend of this width. */
export function barFor(width: number, letters: number): Bar {
  return { left: letters, top: letters, width: width - 2 * letters, height: Math.round(letters * 1.2) };
}

/** @param heatAt of a position from 0 to 1 along the bar */
export function drawBar(image: RgbImage, bar: Bar, heatAt: (position: number) => Heat): void {
  const { left, top, width, height } = bar;
  drawGround(image, bar);
  for (let x = 0; x < width; x++) {
    const { colour, opacity } = heatAt((x + 0.5) / width);
    for (let y = top; y < top + height; y++) blend(image.data, y * image.width + left + x, colour, opacity);
  }
}

/** A short line below the bar. */
export function drawTick(
  image: RgbImage,
  { left, top, width, height }: Bar,
  position: number,
  letters: number,
): void {
  const x = left + width * position;
  const bottom = top + height;
  drawStroke(
    image,
    [
      [x, bottom],
      [x, bottom + letters / 3],
    ],
    1,
    ink,
  );
}

export function drawGround(image: RgbImage, { left, top, width, height }: Bar): void {
  for (let y = Math.round(top); y < Math.round(top + height); y++) {
    for (let x = Math.round(left); x < Math.round(left + width); x++) {
      blend(image.data, y * image.width + x, ground, 1);
    }
  }
}
