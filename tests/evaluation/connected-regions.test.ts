import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectedRegions } from '#csflow/evaluation/connected-regions.js';

fc.configureGlobal({ seed: 2022 });

const masks = fc
  .record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) })
  .chain(({ height, width }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      mask: fc.uint8Array({ min: 0, max: 1, minLength: height * width, maxLength: height * width }),
    }),
  );

/** The lowest label reaches every neighbour until nothing changes. */
function spread(mask: Uint8Array, height: number, width: number): number[] {
  const labels = Array.from(mask, (value, i) => (value === 0 ? 0 : i + 1));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < labels.length; i++) {
      for (let j = 0; j < labels.length; j++) {
        const dy = Math.abs(Math.floor(i / width) - Math.floor(j / width));
        const dx = Math.abs((i % width) - (j % width));
        if (dx > 1 || dy > 1 || labels[i] === 0 || labels[j] === 0 || labels[j] <= labels[i]) continue;
        labels[j] = labels[i];
        changed = true;
      }
    }
  }
  expect(labels).toHaveLength(height * width);
  return labels;
}

describe('connectedRegions', () => {
  it('joins pixels that touch by a corner, and numbers in reading order', () => {
    // prettier-ignore
    const mask = Uint8Array.from([
      0, 1, 0, 0, 1,
      1, 0, 0, 0, 1,
      0, 0, 1, 0, 0,
      0, 0, 0, 255, 0,
    ]);
    const { labels, areas } = connectedRegions(mask, 4, 5);
    // prettier-ignore
    expect([...labels]).toEqual([
      0, 1, 0, 0, 2,
      1, 0, 0, 0, 2,
      0, 0, 3, 0, 0,
      0, 0, 0, 3, 0,
    ]);
    expect(areas).toEqual([2, 2, 2]);
  });

  it('does not join across the border of a row', () => {
    expect(connectedRegions(Uint8Array.of(0, 0, 1, 1, 0, 0), 2, 3).areas).toEqual([1, 1]);
  });

  it('finds the same regions as spreading labels', () => {
    fc.assert(
      fc.property(masks, ({ mask, height, width }) => {
        const expected = spread(mask, height, width);
        const numbers = [...new Set(expected.filter((label) => label > 0))].sort((a, b) => a - b);
        const { labels, areas } = connectedRegions(mask, height, width);
        expect([...labels]).toEqual(expected.map((label) => numbers.indexOf(label) + 1));
        expect(areas).toEqual(numbers.map((number) => expected.filter((label) => label === number).length));
      }),
      { numRuns: 60 },
    );
  });

  it('takes one region that fills a large picture', () => {
    expect(connectedRegions(new Uint8Array(1000 * 1500).fill(1), 1000, 1500).areas).toEqual([1_500_000]);
  });

  it('refuses a mask of another size', () => {
    expect(() => connectedRegions(new Uint8Array(5), 2, 3)).toThrow('2 × 3 = 6');
  });
});
