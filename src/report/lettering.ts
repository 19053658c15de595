import type { RgbImage } from '../data/types.js';
import type { Colour } from './colour-map.js';
import { blend } from './heat-scale.js';
import { strokeGlyphs } from './stroke-glyphs.js';

/** Letters are strokes, so that a legend looks the same on every machine, with or without fonts. */
const capitalHeight = 21;
const descent = 7;

type Point = readonly [x: number, y: number];

interface Glyph {
  readonly width: number;
  readonly strokes: readonly (readonly Point[])[];
}

function glyphOf(letter: string): Glyph {
  const text = strokeGlyphs[letter];
  if (text === undefined) throw new RangeError(`lettering: has no glyph for "${letter}"`);
  const [width, strokes] = text.split(':');
  const points = (stroke: string): Point[] => {
    const numbers = stroke.split(' ').map(Number);
    return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
  };
  return { width: Number(width), strokes: strokes === '' ? [] : strokes.split(';').map(points) };
}

/** The width in pixels of a line of text whose capitals are so many pixels high. */
export function textWidth(text: string, height: number): number {
  return [...text].reduce((sum, letter) => sum + glyphOf(letter).width, 0) * (height / capitalHeight);
}

/** What hangs below the baseline, in pixels. */
export const textDescent = (height: number): number => (descent * height) / capitalHeight;

/**
 * Draws a line of text.
 * @param left of the first letter, in pixels
 * @param baseline in pixels from the top
 * @param height of capitals, in pixels
 */
export function drawText(
  image: RgbImage,
  text: string,
  left: number,
  baseline: number,
  height: number,
  colour: Colour,
): void {
  const unit = height / capitalHeight;
  const lineWidth = Math.max(1.15, height / 9);
  let x = left;
  for (const letter of text) {
    const { width, strokes } = glyphOf(letter);
    for (const stroke of strokes) {
      drawStroke(
        image,
        stroke.map(([px, py]) => [x + px * unit, baseline - py * unit] as const),
        lineWidth,
        colour,
      );
    }
    x += width * unit;
  }
}

/** A line through points, its ends and joints round; each pixel is covered once, however many segments are near. */
export function drawStroke(
  image: RgbImage,
  points: readonly Point[],
  lineWidth: number,
  colour: Colour,
): void {
  const reach = lineWidth / 2 + 0.5;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [firstX, lastX] = within(Math.min(...xs) - reach, Math.max(...xs) + reach, image.width);
  const [firstY, lastY] = within(Math.min(...ys) - reach, Math.max(...ys) + reach, image.height);
  for (let y = firstY; y <= lastY; y++) {
    for (let x = firstX; x <= lastX; x++) {
      let distance = Infinity;
      for (let i = 1; i < points.length; i++) {
        distance = Math.min(distance, distanceToSegment(x + 0.5, y + 0.5, points[i - 1], points[i]));
      }
      const opacity = Math.min(1, reach - distance);
      if (opacity > 0) blend(image.data, y * image.width + x, colour, opacity);
    }
  }
}

const within = (low: number, high: number, length: number): [number, number] => [
  Math.max(0, Math.floor(low)),
  Math.min(length - 1, Math.ceil(high)),
];

function distanceToSegment(x: number, y: number, [x0, y0]: Point, [x1, y1]: Point): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}
