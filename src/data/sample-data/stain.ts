import type { NumpyRandom } from '../../tensor/numpy-random.js';
import { NO_EFFECT, type Defect, type Effect } from './defect.js';
import { distanceToMetal, HOLES, length, OUTER_RADIUS } from './flange.js';
import { clamp01, ease, smoothNoise } from './noise.js';
import { between } from './scene.js';

const SOFTNESS = 0.022;

/** A dried drop of oil: brown, uneven, darker along its ragged border. */
export function drawStain(random: NumpyRandom): Defect {
  const centre = drawCentre(random);
  const radius = between(random, 0.075, 0.15);
  const stretch = between(random, 1, 1.5);
  const turn = between(random, 0, Math.PI);
  const strength = between(random, 0.4, 0.8);
  const seed = random.integerUpTo(0x7fffffff);
  const reach = 2 * radius * stretch;

  const effectAt = (x: number, y: number): Effect => {
    const dx = x - centre.x;
    const dy = y - centre.y;
    if (Math.abs(dx) > reach || Math.abs(dy) > reach) return NO_EFFECT;
    const along = dx * Math.cos(turn) + dy * Math.sin(turn);
    const across = dy * Math.cos(turn) - dx * Math.sin(turn);
    const ragged = 1 + 0.28 * smoothNoise(seed, x * 11, y * 11) + 0.1 * smoothNoise(seed + 1, x * 34, y * 34);
    const outside = length(along / stretch, across) - radius * ragged;
    const presence = ease(clamp01(0.5 - outside / SOFTNESS / 2));
    if (presence === 0) return NO_EFFECT;
    const border = 0.3 * Math.exp(-(((outside + SOFTNESS) / 0.016) ** 2));
    const thickness = 0.72 + 0.25 * smoothNoise(seed + 2, x * 16, y * 16) + border;
    return { presence: 4 * presence, removed: 0, gain: 1, soiling: clamp01(strength * presence * thickness) };
  };
  return { holes: HOLES, effectAt };
}

function drawCentre(random: NumpyRandom) {
  for (;;) {
    const x = between(random, -OUTER_RADIUS, OUTER_RADIUS);
    const y = between(random, -OUTER_RADIUS, OUTER_RADIUS);
    if (distanceToMetal(x, y) < -0.07) return { x, y };
  }
}
