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
