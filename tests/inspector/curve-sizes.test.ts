import { describe, expect, it } from 'vitest';
import { chooseSizes, differentSizes } from '#csflow/inspector/curve-sizes.js';

describe('the sizes of a learning curve', () => {
  it('are the usual ones as far as there are photos, and all there are', () => {
    expect(chooseSizes(150)).toEqual([10, 20, 50, 100, 150]);
    expect(chooseSizes(120)).toEqual([10, 20, 50, 100]);
    expect(chooseSizes(7)).toEqual([3, 7]);
    expect(chooseSizes(30, [20, 5, 20])).toEqual([5, 20]);
    expect(() => chooseSizes(3)).toThrow('expected at least 6 good training images');
  });

  it('leave out those that take the same photos in any draw', () => {
    const counts = [
      [6, 12, 12, 24],
      [6, 12, 18, 24],
    ];
    expect(differentSizes([5, 7, 8, 20], counts)).toEqual({
      sizes: [5, 7, 20],
      dropped: [{ size: 8, sameAs: 7 }],
    });
    expect(differentSizes([5, 7], [[6, 12]])).toEqual({ sizes: [5, 7], dropped: [] });
  });

  it('must be two at least', () => {
    expect(() => differentSizes([7, 8], [[12, 12]])).toThrow(
      'expected two that give different photos, got 7,8, which all give the same 12',
    );
  });
});
