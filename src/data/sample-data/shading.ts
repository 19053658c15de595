import {
  BORE_RADIUS,
  COUNTERSINK,
  distanceToMetal,
  HOLE_RADIUS,
  length,
  OUTER_RADIUS,
  STEP_RADIUS,
  type Point,
} from './flange.js';
import { clamp01, ease, lerp, smoothNoise } from './noise.js';
import type { Scene } from './scene.js';

const RIM_CHAMFER = 0.034;
const BORE_CHAMFER = 0.018;
const STEP_WIDTH = 0.016;
const SHADOW_LENGTH = 0.06;
const SHADOW_SOFTNESS = 0.045;

/**
 * Brightness of the metal at (x, y) of the part.
 * @param light in the part's own directions
 * @param pixel side of a pixel in the part's units; edges are that soft
 */
export function metalBrightness(
  scene: Scene,
  light: Point,
  holes: readonly Point[],
  x: number,
  y: number,
  pixel: number,
): number {
  const radius = Math.max(1e-6, length(x, y));
  const outX = x / radius;
  const outY = y / radius;
  const outLit = outX * light.x + outY * light.y;
  const rim = within(OUTER_RADIUS - radius, RIM_CHAMFER, pixel);
  const bore = within(radius - BORE_RADIUS, BORE_CHAMFER, pixel);
  const step = within(Math.abs(radius - STEP_RADIUS), STEP_WIDTH / 2, pixel);
  let brightness = turnedFace(scene, light, radius, outX, outY);
  brightness = lerp(brightness, slope(-outLit), step);
  brightness = lerp(brightness, slope(outLit), rim);
  brightness = lerp(brightness, slope(-outLit), bore);
  for (const hole of holes) {
    const dx = hole.x - x;
    const dy = hole.y - y;
    const distance = length(dx, dy);
    if (distance > HOLE_RADIUS + COUNTERSINK + pixel) continue;
    const lit = (dx * light.x + dy * light.y) / Math.max(distance, 1e-6);
    brightness = lerp(brightness, slope(lit), within(distance - HOLE_RADIUS, COUNTERSINK - pixel, pixel));
  }
  return brightness;
}

/** A bevel whose fall has this cosine with the direction of the lamp. */
function slope(lit: number): number {
  return 0.4 + (lit > 0 ? 0.46 : 0.22) * lit;
}

/**
 * A turned face reflects the lamp where its grooves run across the lamp's direction: the bow tie seen on every
 * lathe part. The grooves are rings of random depth.
 */
function turnedFace(scene: Scene, light: Point, radius: number, outX: number, outY: number): number {
  const fine = smoothNoise(scene.surface, radius * 118);
  const coarse = smoothNoise(scene.surface + 1, radius * 31);
  const alongArc = smoothNoise(scene.surface + 2, radius * 85, 2.6 * (outX + 2 * outY));
  const groove = 0.5 * fine + 0.3 * coarse + 0.35 * alongArc;
  const along = outX * light.y - outY * light.x + 0.05 * groove;
  const highlight = Math.exp(-((along / scene.gloss) ** 2));
  const nearLamp = 1 + 0.22 * radius * (outX * light.x + outY * light.y);
  const face = 0.37 + 0.05 * groove + (0.33 + 0.09 * groove) * highlight * nearLamp;
  return radius < STEP_RADIUS ? 0.86 * face : face;
}

/** Brightness of the mat under the part, in its shadow or not. */
export function groundBrightness(scene: Scene, light: Point, x: number, y: number): number {
  const mat = 0.17 + 0.022 * smoothNoise(scene.surface + 3, x * 5, y * 5);
  const threads = 0.016 * smoothNoise(scene.surface + 4, x * 64, y * 64);
  const above = distanceToMetal(x + light.x * SHADOW_LENGTH, y + light.y * SHADOW_LENGTH);
  const shadow = ease(clamp01(0.5 - above / SHADOW_SOFTNESS / 2));
  return (mat + threads) * (1 - 0.62 * shadow);
}

/** 1 where `depth` < `width`, 0 beyond, soft over a pixel. */
function within(depth: number, width: number, pixel: number): number {
  return clamp01(0.5 + (width - depth) / pixel);
}
