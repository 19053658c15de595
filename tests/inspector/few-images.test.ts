import { describe, expect, it } from 'vitest';
import { fewImagesWarnings } from '#csflow/inspector/few-images.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';

const metadata = (calibrationGroups: number, kind: 'split' | 'cross') =>
  ({
    calibration: { method: kind === 'split' ? { kind } : { kind, folds: 5 } },
    data: { calibrationGroups },
  }) as ModelMetadata;

describe('warnings of few images', () => {
  it('name what is few and what to do, each for itself', () => {
    const [learning, threshold, ...others] = fewImagesWarnings(8, metadata(2, 'split'));
    expect(learning).toMatch(/^8 parts to learn from are few: .*csflow learning-curve/);
    expect(threshold).toMatch(/^a threshold from 2 held-out parts depends on .*--calibrate cross/);
    expect(others).toEqual([]);
    expect(fewImagesWarnings(50, metadata(9, 'split'))).toEqual([
      expect.stringContaining('9 held-out parts'),
    ]);
    expect(fewImagesWarnings(10, metadata(10, 'cross'))).toEqual([
      expect.stringContaining('10 parts to learn'),
    ]);
  });

  it('never advise a training that goes on to do what it refuses', () => {
    const from = { models: ['0'.repeat(64)] };
    const [threshold] = fewImagesWarnings(50, { ...metadata(2, 'split'), from } as ModelMetadata);
    expect(threshold).toMatch(/give more new photos, .*or train anew on all, .*without --from/);
  });

  it('are none where there is enough', () => {
    expect(fewImagesWarnings(20, metadata(20, 'split'))).toEqual([]);
    expect(fewImagesWarnings(100, metadata(100, 'cross'))).toEqual([]);
  });
});
