/** A well-mixed unsigned 32-bit number from several integers; the same on every machine. */
export function hash(...integers: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const integer of integers) state = mix(state ^ integer);
  return state >>> 0;
}

/** The finaliser of MurmurHash3 (Appleby, public domain) behind an odd step, so that 0 does not stay 0. */
function mix(value: number): number {
  let bits = (value + 0x6d2b79f5) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Random values from −1 to 1 at whole (x, y), smoothly joined between them. */
export function smoothNoise(seed: number, x: number, y = 0): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = ease(x - left);
  const down = ease(y - top);
  const above = lerp(atLattice(seed, left, top), atLattice(seed, left + 1, top), across);
  if (down === 0) return above;
  const below = lerp(atLattice(seed, left, top + 1), atLattice(seed, left + 1, top + 1), across);
  return lerp(above, below, down);
}

function atLattice(seed: number, x: number, y: number): number {
  return (mix(mix(seed ^ x) ^ y) >>> 0) / 0x7fffffff - 1;
}

/** Close to a normal distribution with deviation 1: the sum of four bytes, centred. */
export function grain(seed: number, index: number): number {
  const bits = mix(mix(seed) ^ index);
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / 147.8;
}

/** Linear interpolation: `from` at share 0, `to` at 1. */
export function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Cuts to [0, 1]. */
export function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** 0 to 1 with level ends, for shares from 0 to 1. */
export function ease(share: number): number {
  return share * share * (3 - 2 * share);
}
