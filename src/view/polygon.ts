import { UsageError } from '../errors.js';
import type { Box } from './box.js';

export type Point = readonly [x: number, y: number];

/** Corners as a user wrote them. */
export interface WrittenPolygon {
  readonly points: readonly Point[];
  /** `shares` of the picture's sides where no number is above 1, else `pixels`. */
  readonly unit: 'shares' | 'pixels';
}

const example = 'such as "0.1,0.1 0.9,0.1 0.9,0.8 0.1,0.8"';

/** Whether a text can only be meant as corners, and not as the name of a file. */
export function looksLikePolygon(text: string): boolean {
  return /^[\s\d.,;+\-eE]*,[\s\d.,;+\-eE]*$/.test(text);
}

/**
 * Corners `x,y x,y …` from the picture's top left: shares of its width and height, or pixels.
 * @throws UsageError for what is no list of at least three corners
 */
export function parsePolygon(text: string): WrittenPolygon {
  const points = text
    .trim()
    .split(/[\s;]+/)
    .map((corner): Point => {
      const numbers = corner.split(',').map((part) => (part === '' ? NaN : Number(part)));
      if (numbers.length !== 2 || !numbers.every(Number.isFinite)) {
        throw new UsageError(`roi: expected corners x,y with blanks between, ${example}, got "${corner}"`);
      }
      return [numbers[0], numbers[1]];
    });
  if (points.length < 3) {
    throw new UsageError(`roi: expected at least three corners, ${example}, got ${points.length}`);
  }
  const negative = points.flat().find((value) => value < 0);
  if (negative !== undefined) {
    throw new UsageError(`roi: expected corners inside the picture, got the coordinate ${negative}`);
  }
  return { points, unit: points.flat().every((value) => value <= 1) ? 'shares' : 'pixels' };
}

/**
 * Corners in shares of the sides, given those in pixels of a picture.
 * @throws UsageError where one lies outside the picture
 */
export function sharesOfPixels(
  points: readonly Point[],
  [height, width]: readonly [number, number],
): readonly Point[] {
  return points.map(([x, y]) => {
    if (x > width || y > height) {
      throw new UsageError(
        `roi: expected corners inside the pictures of ${width} × ${height} pixels (width × height), got ${x},${y}`,
      );
    }
    return [x / width, y / height];
  });
}

/**
 * A polygon whose inside is clear.
 * @param points in shares of the sides
 * @throws UsageError where a corner stands twice in a row, sides cross or touch each other, or there is no area
 */
export function checkPolygon(points: readonly Point[]): void {
  const show = ([x, y]: Point): string => `${+x.toFixed(4)},${+y.toFixed(4)}`;
  const sides = points.map((from, i) => [from, points[(i + 1) % points.length]] as const);
  for (const [from, to] of sides) {
    if (from[0] === to[0] && from[1] === to[1]) {
      throw new UsageError(`roi: expected each corner once, got ${show(from)} twice in a row`);
    }
  }
  if (points.every((point) => Math.abs(cross(points[0], points[1], point)) < 1e-12)) {
    throw new UsageError('roi: expected corners around an area, got an empty one: they lie on one line');
  }
  sides.forEach((a, i) => {
    for (let j = i + 1; j < sides.length; j++) {
      const b = sides[j];
      const neighbours = j === i + 1 || (i === 0 && j === sides.length - 1);
      if (neighbours ? !foldBack(a, b, i === 0 && j !== 1) : !meet(a, b)) continue;
      throw new UsageError(
        `roi: expected sides that do not cross, got ${show(a[0])} to ${show(a[1])} across ` +
          `${show(b[0])} to ${show(b[1])}; give the corners in their order around the region`,
      );
    }
  });
}

type Side = readonly [Point, Point];

const cross = ([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number =>
  (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

const between = (p: Point, [a, b]: Side): boolean =>
  Math.min(a[0], b[0]) <= p[0] &&
  p[0] <= Math.max(a[0], b[0]) &&
  Math.min(a[1], b[1]) <= p[1] &&
  p[1] <= Math.max(a[1], b[1]);

/** Whether two sides have a point in common. */
function meet(a: Side, b: Side): boolean {
  const [b0, b1] = [cross(a[0], a[1], b[0]), cross(a[0], a[1], b[1])];
  const [a0, a1] = [cross(b[0], b[1], a[0]), cross(b[0], b[1], a[1])];
  if (b0 * b1 < 0 && a0 * a1 < 0) return true;
  return (
    (b0 === 0 && between(b[0], a)) ||
    (b1 === 0 && between(b[1], a)) ||
    (a0 === 0 && between(a[0], b)) ||
    (a1 === 0 && between(a[1], b))
  );
}

/** Whether two neighbouring sides lie on one another: the second runs back over the first. */
function foldBack(a: Side, b: Side, bBeforeA: boolean): boolean {
  const [first, second] = bBeforeA ? [b, a] : [a, b];
  const [from, corner, to] = [first[0], first[1], second[1]];
  const along = (corner[0] - from[0]) * (to[0] - corner[0]) + (corner[1] - from[1]) * (to[1] - corner[1]);
  return cross(from, corner, to) === 0 && along < 0;
}

/** Half the sum of the corners' cross products (the shoelace formula). */
export function signedArea(points: readonly Point[]): number {
  let twice = 0;
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    twice += x * nextY - nextX * y;
  });
  return twice / 2;
}

/**
 * What of a polygon lies on one side of a line parallel to an axis (Sutherland & Hodgman, 1974). Parts that the line
 * separates stay joined along it, which adds nothing to the area.
 */
function clipped(points: readonly Point[], axis: 0 | 1, bound: number, keep: 'above' | 'below'): Point[] {
  const inside = (p: Point): boolean => (keep === 'above' ? p[axis] >= bound : p[axis] <= bound);
  return points.flatMap((from, i) => {
    const to = points[(i + 1) % points.length];
    const kept: Point[] = inside(from) ? [from] : [];
    if (inside(from) === inside(to)) return kept;
    const share = (bound - from[axis]) / (to[axis] - from[axis]);
    const other = from[1 - axis] + share * (to[1 - axis] - from[1 - axis]);
    const crossing: Point = axis === 0 ? [bound, other] : [other, bound];
    return [...kept, crossing];
  });
}

/** The exact share of each cell of a grid over a box that lies inside the polygon. */
export function polygonShares(
  points: readonly Point[],
  { top, left, bottom, right }: Box,
  rows: number,
  columns: number,
): Float32Array {
  const shares = new Float32Array(rows * columns);
  const [cellHeight, cellWidth] = [(bottom - top) / rows, (right - left) / columns];
  for (let y = 0; y < rows; y++) {
    const from = top + y * cellHeight;
    const row = clipped(clipped(points, 1, from, 'above'), 1, from + cellHeight, 'below');
    if (row.length === 0) continue;
    for (let x = 0; x < columns; x++) {
      const start = left + x * cellWidth;
      const cell = clipped(clipped(row, 0, start, 'above'), 0, start + cellWidth, 'below');
      const share = Math.abs(signedArea(cell)) / (cellHeight * cellWidth);
      // Rounding leaves a cell that is wholly inside or outside a little off.
      shares[y * columns + x] = share < 1e-9 ? 0 : share > 1 - 1e-9 ? 1 : share;
    }
  }
  return shares;
}

/** 1 for each pixel of a picture whose centre lies inside the polygon. */
export function polygonPixels(points: readonly Point[], rows: number, columns: number): Uint8Array {
  const pixels = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const height = (y + 0.5) / rows;
    const crossings = points
      .flatMap(([x0, y0], i) => {
        const [x1, y1] = points[(i + 1) % points.length];
        return y0 <= height === y1 <= height ? [] : [x0 + ((height - y0) / (y1 - y0)) * (x1 - x0)];
      })
      .sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil(crossings[i] * columns - 0.5));
      const to = Math.min(columns, Math.ceil(crossings[i + 1] * columns - 0.5));
      pixels.fill(1, y * columns + from, y * columns + Math.max(from, to));
    }
  }
  return pixels;
}
