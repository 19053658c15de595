import type { NumpyRandom } from '../../tensor/numpy-random.js';
import { NO_EFFECT, type Defect, type Effect } from './defect.js';
import { COUNTERSINK, HOLE_RADIUS, HOLES, length, OUTER_RADIUS } from './flange.js';
import { clamp01, smoothNoise } from './noise.js';
import { between } from './scene.js';

/** One of the bolt holes was never drilled. The mask is the hole with its chamfer. */
export function drawMissingHole(random: NumpyRandom): Defect {
  const index = random.integerUpTo(HOLES.length - 1);
  const { x: holeX, y: holeY } = HOLES[index];
  const effectAt = (x: number, y: number, pixel: number): Effect => {
    const outside = length(x - holeX, y - holeY) - HOLE_RADIUS - COUNTERSINK;
    return { ...NO_EFFECT, presence: clamp01(0.5 - outside / pixel) };
  };
  return { holes: HOLES.filter((_, i) => i !== index), effectAt };
}

/** Width of the rough surface where the metal broke. */
const FRACTURE = 0.03;

/** A piece of the rim has broken off. The mask is what is gone and the rough edge it left. */
export function drawBrokenEdge(random: NumpyRandom): Defect {
  const angle = between(random, 0, 2 * Math.PI);
  const radius = between(random, 0.09, 0.16);
  const distance = OUTER_RADIUS + between(random, -0.2, 0.35) * radius;
  const centreX = distance * Math.cos(angle);
  const centreY = distance * Math.sin(angle);
  const seed = random.integerUpTo(0x7fffffff);

  const effectAt = (x: number, y: number, pixel: number): Effect => {
    const fromCentre = length(x - centreX, y - centreY);
    if (fromCentre > 2 * radius + FRACTURE) return NO_EFFECT;
    const jagged =
      1 + 0.22 * smoothNoise(seed, x * 13, y * 13) + 0.07 * smoothNoise(seed + 1, x * 36, y * 36);
    const outside = fromCentre - radius * jagged;
    const broken = clamp01(0.5 - (outside - FRACTURE) / pixel);
    const rough = 0.72 + 0.34 * smoothNoise(seed + 2, x * 48, y * 48);
    return {
      presence: broken,
      removed: clamp01(0.5 - outside / pixel),
      gain: 1 + broken * (rough - 1),
      soiling: 0,
    };
  };
  return { holes: HOLES, effectAt };
}
