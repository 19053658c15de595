import type { NumpyRandom } from '../../tensor/numpy-random.js';
import type { Point } from './flange.js';

/** What differs from one good picture to the next. */
export interface Scene {
  /** Seed of the part's own surface. */
  readonly surface: number;
  /** Seed of the camera's grain. */
  readonly grain: number;
  readonly shift: Point;
  /** Radians. */
  readonly rotation: number;
  readonly scale: number;
  /** Unit vector in the picture, towards the lamp. */
  readonly light: Point;
  /** How sharply the turned face reflects the lamp. */
  readonly gloss: number;
  readonly exposure: number;
  /** Change of brightness from the centre to a side of the picture. */
  readonly falloff: Point;
  /** Colour of the lamp: more red and less blue where positive. */
  readonly warmth: number;
}

/** Draws what differs from one good picture to the next. */
export function drawScene(random: NumpyRandom): Scene {
  const lamp = (between(random, -142, -108) * Math.PI) / 180;
  return {
    surface: random.integerUpTo(0x7fffffff),
    grain: random.integerUpTo(0x7fffffff),
    shift: { x: between(random, -0.012, 0.012), y: between(random, -0.012, 0.012) },
    rotation: (between(random, -2, 2) * Math.PI) / 180,
    scale: between(random, 0.995, 1.005),
    light: { x: Math.cos(lamp), y: Math.sin(lamp) },
    gloss: between(random, 0.3, 0.42),
    exposure: between(random, 0.93, 1.07),
    falloff: { x: between(random, -0.04, 0.04), y: between(random, -0.04, 0.04) },
    warmth: between(random, -0.015, 0.03),
  };
}

/** Uniform in [from, to). */
export function between(random: NumpyRandom, from: number, to: number): number {
  return from + (to - from) * random.uniform();
}
