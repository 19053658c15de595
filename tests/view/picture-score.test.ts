import { describe, expect, it } from 'vitest';
import { pictureScore, type TileResult } from '#csflow/view/index.js';

const plain = (score: number): TileResult => ({ score });
const within = (scoreMap: readonly number[], shares: readonly number[]): TileResult => ({
  score: NaN,
  inside: { scoreMap: Float32Array.from(scoreMap), shares: Float32Array.from(shares) },
});

describe('pictureScore', () => {
  it('is the maximum or the mean over the tiles', () => {
    const tiles = [1, 4, 1].map(plain);
    expect(pictureScore('maximum', tiles)).toBe(4);
    expect(pictureScore('mean', tiles)).toBe(2);
  });

  it('counts positions by their share inside the region', () => {
    const tiles = [within([1, 3, 100, 100], [1, 1, 0, 0]), within([5, 5, 5, 9], [0.5, 0.5, 0, 1])];
    expect(pictureScore('maximum', tiles)).toBe(7);
    expect(pictureScore('mean', tiles)).toBe((1 + 3 + 2.5 + 2.5 + 9) / 4);
  });

  it('lets a sliver decide nothing alone', () => {
    const sliver = within([8, 0, 0, 0], [0.25, 0, 0, 0]);
    expect(pictureScore('maximum', [sliver])).toBe(2);
    expect(pictureScore('maximum', [sliver, within([3, 3, 3, 3], [1, 1, 1, 1])])).toBe(3);
  });

  it('refuses no tile at all', () => {
    expect(() => pictureScore('mean', [])).toThrow(RangeError);
    expect(() => pictureScore('mean', [within([1], [0])])).toThrow(/inside the region/);
  });
});
