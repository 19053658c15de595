import { describe, expect, it } from 'vitest';
import { alikePairs, likenessScale } from '#csflow/data/inspection/alike-pairs.js';
import { likeness, looksOf, mayBeAlike } from '#csflow/data/inspection/likeness.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const side = 32;
const random = new NumpyRandom(5);

/** Waves of drawn directions, as grey values around 128; `amplitude` up to about 25. */
function drawn(amplitude = 20): Float64Array {
  const values = new Float64Array(side * side).fill(128);
  for (let wave = 0; wave < 12; wave++) {
    const [kx, ky] = [random.normal(), random.normal()].map((k) => 0.35 * k);
    const phase = 2 * Math.PI * random.uniform();
    for (let i = 0; i < values.length; i++) {
      const angle = kx * (i % side) + ky * Math.floor(i / side) + phase;
      values[i] += (amplitude / Math.sqrt(12)) * Math.cos(angle);
    }
  }
  return values;
}
const grey = (values: ArrayLike<number>) =>
  Uint8Array.from(values, (value) => Math.round(Math.max(0, Math.min(255, value))));
const own = (i: number) => String(i);

describe('likeness', () => {
  it('of a picture with itself under another exposure is 1, with another one near 0', () => {
    const [a, b] = [drawn(), drawn()];
    const looks = looksOf([a, a.map((v) => 0.6 * v + 40), b].map(grey));
    expect(likeness(looks, 0, 0)).toBeCloseTo(1, 5);
    expect(likeness(looks, 0, 1)).toBeGreaterThan(0.99);
    expect(Math.abs(likeness(looks, 0, 2))).toBeLessThan(0.5);
    expect(likeness(looks, 1, 0)).toBe(likeness(looks, 0, 1));
  });

  it('of a picture without anything in it is 0, also with itself', () => {
    const looks = looksOf([grey(new Float64Array(side * side).fill(77)), grey(drawn())]);
    expect([likeness(looks, 0, 0), likeness(looks, 0, 1)]).toEqual([0, 0]);
  });

  it('does not count what all pictures have in common', () => {
    const common = drawn(60);
    const pictures = Array.from({ length: 40 }, () => drawn(10).map((v, i) => v - 128 + common[i]));
    const few = looksOf(pictures.slice(0, 2).map(grey));
    const many = looksOf(pictures.map(grey));
    expect(likeness(few, 0, 1)).toBeGreaterThan(0.9);
    expect(Math.abs(likeness(many, 0, 1))).toBeLessThan(0.5);
  });

  it('the cheap test lets every pair through that is as alike as 0.93, and few others', () => {
    const pictures = Array.from({ length: 300 }, () => drawn());
    const noisy = pictures.map((of) => of.map((v) => v + 6 * random.normal()));
    const looks = looksOf([...pictures, ...noisy].map(grey));
    const twins = pictures.map(
      (_, i) => [likeness(looks, i, 300 + i), mayBeAlike(looks, i, 300 + i)] as const,
    );
    expect(Math.min(...twins.map(([value]) => value))).toBeLessThan(0.96);
    expect(twins.filter(([value, passed]) => value > 0.93 && !passed)).toEqual([]);
    let passed = 0;
    for (let a = 0; a < 300; a++) for (let b = 0; b < a; b++) if (mayBeAlike(looks, a, b)) passed++;
    expect(passed / (150 * 299)).toBeLessThan(0.05);
  });
});

describe('near-duplicates', () => {
  it('gives of each picture the most alike one of another part', () => {
    const [a, b, c] = [drawn(), drawn(), drawn()];
    const near = (of: Float64Array, noise: number) => of.map((v) => v + noise * random.normal());
    const looks = looksOf([a, near(a, 3), near(a, 1), b, near(b, 1), c].map(grey));
    const groups = ['p', 'q', 'r', 's', 's', 't'];
    const pairs = alikePairs(looks, groups, [0, 3, 5], [1, 2, 4], 0.93);
    expect(pairs.map(({ index, other }) => [index, other])).toEqual([[0, 2]]);
    expect(pairs[0].likeness).toBeGreaterThan(0.98);
  });

  it('the threshold rises where all pictures are alike', () => {
    const different = looksOf(Array.from({ length: 60 }, () => grey(drawn())));
    const groups = Array.from({ length: 60 }, (_, i) => own(i));
    expect(likenessScale(different, groups)).toMatchObject({ threshold: 0.93 });
    // Two drawn pictures mixed in drawn shares: everything lies on one line.
    const [a, b] = [drawn(), drawn()];
    const mixed = groups.map(() => {
      const share = random.uniform();
      return grey(a.map((v, i) => share * v + (1 - share) * b[i]));
    });
    const scale = likenessScale(looksOf(mixed), groups);
    expect(scale.threshold).toBeGreaterThan(0.99);
  });

  it('of one picture, or of pictures of one part, nothing is said', () => {
    const one = looksOf([grey(drawn())]);
    expect(likenessScale(one, ['a'])).toEqual({ threshold: 0.93, common: 0, spread: 0 });
    expect(alikePairs(one, ['a'], [0], [0], 0.93)).toEqual([]);
    expect(likenessScale(looksOf([]), [])).toMatchObject({ threshold: 0.93 });
  });
});
