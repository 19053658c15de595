/** The part that is drawn: a turned flange with a keyed bore and six bolt holes. Half a picture is 1. */
export const OUTER_RADIUS = 0.8;
export const BORE_RADIUS = 0.22;
/** Up to here from the centre the face lies lower. */
export const STEP_RADIUS = 0.36;
export const HOLE_RADIUS = 0.066;
/** Width of the chamfer around a bolt hole. */
export const COUNTERSINK = 0.024;
const BOLT_CIRCLE_RADIUS = 0.59;
const KEY_HALF_WIDTH = 0.045;
const KEY_END = BORE_RADIUS + 0.065;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const HOLES: readonly Point[] = Array.from({ length: 6 }, (_, i) => ({
  x: BOLT_CIRCLE_RADIUS * Math.cos((i * Math.PI) / 3 + Math.PI / 6),
  y: BOLT_CIRCLE_RADIUS * Math.sin((i * Math.PI) / 3 + Math.PI / 6),
}));

/**
 * How far (x, y) lies outside the metal, negative inside it.
 * @param holes those that are drilled
 */
export function distanceToMetal(x: number, y: number, holes: readonly Point[] = HOLES): number {
  const radius = length(x, y);
  let distance = Math.max(radius - OUTER_RADIUS, BORE_RADIUS - radius, -distanceToKeyway(x, y));
  for (const hole of holes) {
    distance = Math.max(distance, HOLE_RADIUS - length(x - hole.x, y - hole.y));
  }
  return distance;
}

/** The slot for the key goes up (−y) from the bore. */
function distanceToKeyway(x: number, y: number): number {
  return Math.max(Math.abs(x) - KEY_HALF_WIDTH, y, -KEY_END - y);
}

/** Of the vector (x, y); `Math.hypot` takes many times as long. */
export function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}
