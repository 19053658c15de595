import type { Mask, RgbImage } from '../types.js';
import { NO_EFFECT, type Defect } from './defect.js';
import { distanceToMetal, HOLES, type Point } from './flange.js';
import { clamp01, grain, lerp } from './noise.js';
import type { Scene } from './scene.js';
import { groundBrightness, metalBrightness } from './shading.js';

export interface RenderedPart {
  readonly image: RgbImage;
  /** 1 where the defect is; all 0 without one. */
  readonly mask: Mask;
}

type Channels = readonly [red: number, green: number, blue: number];
const METAL: Channels = [0.98, 1, 1.03];
const GROUND: Channels = [0.92, 1, 1.12];
/** What a thick layer of oil lets through. */
const OIL: Channels = [0.62, 0.46, 0.26];

/** Grey levels of deviation, once for all three channels and once for each. */
const GRAIN = 1.5;
const COLOUR_GRAIN = 0.9;

/**
 * Draws one picture of `size` × `size` pixels. Scene and defect alone decide about every pixel: outside the
 * defect the picture equals that of the same scene without it.
 */
export function renderPart(scene: Scene, defect: Defect | undefined, size: number): RenderedPart {
  const image = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  const holes = defect?.holes ?? HOLES;
  const light = turned(scene.light, -scene.rotation);
  const lamp: Channels = [1 + scene.warmth, 1, 1 - scene.warmth];
  const pixel = 2 / size / scene.scale;
  const cos = Math.cos(scene.rotation) / scene.scale;
  const sin = Math.sin(scene.rotation) / scene.scale;

  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const index = row * size + column;
      const u = (2 * column + 1) / size - 1;
      const v = (2 * row + 1) / size - 1;
      const x = (u - scene.shift.x) * cos + (v - scene.shift.y) * sin;
      const y = (v - scene.shift.y) * cos - (u - scene.shift.x) * sin;

      const whole = clamp01(0.5 - distanceToMetal(x, y, holes) / pixel);
      const effect = defect && whole > 0 ? defect.effectAt(x, y, pixel) : NO_EFFECT;
      const metal = whole * (1 - effect.removed);
      const bright = metal > 0 ? metalBrightness(scene, light, holes, x, y, pixel) * effect.gain : 0;
      const dark = metal < 1 ? groundBrightness(scene, light, x, y) : 0;
      if (effect.presence * whole >= 0.5) mask[index] = 1;

      const lit = 255 * scene.exposure * (1 + scene.falloff.x * u + scene.falloff.y * v);
      const noise = GRAIN * grain(scene.grain, index);
      for (let channel = 0; channel < 3; channel++) {
        const oil = lerp(1, OIL[channel], effect.soiling);
        const colour = lerp(dark * GROUND[channel], bright * METAL[channel] * oil, metal);
        const value = lit * lamp[channel] * colour + noise;
        const at = 3 * index + channel;
        image[at] = toByte(value + COLOUR_GRAIN * grain(scene.grain + 1, at));
      }
    }
  }
  return {
    image: { width: size, height: size, data: image },
    mask: { width: size, height: size, data: mask },
  };
}

function turned({ x, y }: Point, angle: number): Point {
  return {
    x: x * Math.cos(angle) - y * Math.sin(angle),
    y: x * Math.sin(angle) + y * Math.cos(angle),
  };
}

function toByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
