import { describe, expect, it } from 'vitest';
import { batchOf, featureSet, fitStandardisation, standardiseInPlace } from '#csflow/training/index.js';
import { drawnFeatures } from './drawn-features.js';

describe('standardisation', () => {
  it('brings every channel and scale to mean 0 and deviation 1', () => {
    const features = drawnFeatures(12);
    standardiseInPlace(features, fitStandardisation(features));
    const after = fitStandardisation(features);
    for (const { mean, deviation } of after.scales) {
      for (const value of mean) expect(value).toBeCloseTo(0, 5);
      for (const value of deviation) expect(value).toBeCloseTo(1, 5);
    }
  });

  it('does not blow up a channel that never changes', () => {
    const features = featureSet([[Float32Array.of(7, 7)], [Float32Array.of(7, 7)]], 1, [[1, 2]]);
    standardiseInPlace(features, fitStandardisation(features));
    expect([...features.scales[0]]).toEqual([0, 0, 0, 0]);
  });
});

describe('standardisation of a region', () => {
  it('is that of what is inside, by its share', () => {
    const mapSizes = [[1, 4]] as const;
    const maps = [[Float32Array.of(1, 2, 9, 9, 5, 5, 9, 9)], [Float32Array.of(3, 9, 9, 9, 7, 9, 9, 9)]];
    const shares = [[Float32Array.of(1, 0.5, 0, 0)], [Float32Array.of(1, 0, 0, 0)]];
    const { scales } = fitStandardisation(featureSet(maps, 2, mapSizes, shares));
    const [first, second] = [(1 + 0.5 * 2 + 3) / 2.5, (5 + 0.5 * 5 + 7) / 2.5];
    expect(scales[0].mean[0]).toBeCloseTo(first, 6);
    expect(scales[0].mean[1]).toBeCloseTo(second, 6);
    expect(scales[0].deviation[0]).toBeCloseTo(Math.sqrt((1 + 0.5 * 4 + 9) / 2.5 - first ** 2), 5);
  });
});

describe('batchOf', () => {
  it('takes the named samples in their order', () => {
    const features = featureSet(
      [[Float32Array.of(1, 2)], [Float32Array.of(3, 4)], [Float32Array.of(5, 6)]],
      2,
      [[1, 1]],
    );
    const [batch] = batchOf(features, [2, 0]);
    expect(batch.dims).toEqual([2, 2, 1, 1]);
    expect([...batch.data]).toEqual([5, 6, 1, 2]);
  });

  it('is refused maps of the wrong size', () => {
    expect(() => featureSet([[Float32Array.of(1)]], 2, [[1, 1]])).toThrow(
      'image 0, scale 0: expected 2 values, got 1',
    );
  });
});
