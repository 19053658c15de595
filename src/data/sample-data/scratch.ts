import type { NumpyRandom } from '../../tensor/numpy-random.js';
import { NO_EFFECT, type Defect, type Effect } from './defect.js';
import { distanceToMetal, HOLES, length, OUTER_RADIUS, type Point } from './flange.js';
import { clamp01, smoothNoise } from './noise.js';
import { between } from './scene.js';

const STEPS = 28;
/** Clear of chamfers, where a scratch would not be seen. */
const CLEARANCE = 0.045;

/** A slightly bent furrow: one flank dark, the other bright, fading at both ends. */
export function drawScratch(random: NumpyRandom): Defect {
  const points = drawPath(random);
  const halfWidth = between(random, 0.011, 0.017);
  const strength = between(random, 0.5, 0.8) * (random.uniform() < 0.5 ? -1 : 1);
  const seed = random.integerUpTo(0x7fffffff);
  const box = boundingBox(points, 2 * halfWidth + 0.02);

  const effectAt = (x: number, y: number, pixel: number): Effect => {
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return NO_EFFECT;
    const { offset, along } = nearest(points, x, y);
    const reach = Math.max(halfWidth, 0.75 * pixel);
    const inside = clamp01(0.5 + (reach - Math.abs(offset)) / pixel);
    const depth = Math.min(1, 6 * along, 6 * (1 - along)) * (0.8 + 0.2 * smoothNoise(seed, along * 30));
    const presence = inside * Math.max(0, depth);
    if (presence === 0) return NO_EFFECT;
    const flank = Math.max(-1, Math.min(1, (1.6 * offset) / reach));
    return { presence: 2 * presence, removed: 0, gain: 1 + presence * strength * flank, soiling: 0 };
  };
  return { holes: HOLES, effectAt };
}

/** Drawn anew until almost all of it lies on the face. */
function drawPath(random: NumpyRandom): readonly Point[] {
  for (;;) {
    const path = bentLine(random);
    const onFace = path.filter(({ x, y }) => distanceToMetal(x, y) < -CLEARANCE).length;
    if (onFace >= 0.9 * path.length) return path;
  }
}

function bentLine(random: NumpyRandom): Point[] {
  const reach = between(random, 0.28, 0.6);
  const bend = between(random, -1.6, 1.6);
  let direction = between(random, 0, 2 * Math.PI);
  let x = between(random, -OUTER_RADIUS, OUTER_RADIUS);
  let y = between(random, -OUTER_RADIUS, OUTER_RADIUS);
  return Array.from({ length: STEPS + 1 }, () => {
    const point = { x, y };
    direction += (bend * reach) / STEPS;
    x += (Math.cos(direction) * reach) / STEPS;
    y += (Math.sin(direction) * reach) / STEPS;
    return point;
  });
}

/** Distance to the path, positive on its left, and how far along it the nearest place lies (0 … 1). */
function nearest(points: readonly Point[], x: number, y: number): { offset: number; along: number } {
  let best = Infinity;
  let offset = Infinity;
  let along = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const { x: fromX, y: fromY } = points[i];
    const dx = points[i + 1].x - fromX;
    const dy = points[i + 1].y - fromY;
    const share = clamp01(((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy));
    const distance = length(x - fromX - share * dx, y - fromY - share * dy);
    if (distance >= best) continue;
    best = distance;
    offset = (x - fromX) * dy - (y - fromY) * dx > 0 ? distance : -distance;
    along = (i + share) / (points.length - 1);
  }
  return { offset, along };
}

function boundingBox(points: readonly Point[], margin: number) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return {
    left: Math.min(...xs) - margin,
    right: Math.max(...xs) + margin,
    top: Math.min(...ys) - margin,
    bottom: Math.max(...ys) + margin,
  };
}
