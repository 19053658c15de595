import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageMetrics } from '#csflow/evaluation/image-metrics.js';
import { aupro } from '#csflow/evaluation/aupro.js';
import { pixelMetrics, rankPixels } from '#csflow/evaluation/pixel-metrics.js';
import type { ScoredMap } from '#csflow/evaluation/scored-map.js';
import { readSafetensors } from '#csflow/tensor/safetensors.js';

/** Values of scikit-learn and of a brute-force AUPRO. */
interface ImageCase {
  readonly name: string;
  readonly scores: number[];
  readonly labels: number[];
  readonly auroc: number;
  readonly average_precision: number;
  readonly f1_max: number;
  readonly f1_max_threshold: number;
  readonly fpr_at_tpr95: number;
}
interface PixelCase {
  readonly name: string;
  readonly pixel_auroc: number;
  readonly pixel_average_precision: number;
  readonly aupro_30: number;
  readonly aupro_05: number;
}

const fixture = (name: string) => readFileSync(new URL(`../fixtures/golden/${name}`, import.meta.url));
const cases = JSON.parse(fixture('metrics.json').toString()) as (ImageCase | PixelCase)[];
const maps = readSafetensors(fixture('metrics_maps.safetensors')).tensors;

function close(actual: number | undefined, expected: number): void {
  expect(actual).toBeDefined();
  expect(Math.abs(actual! - expected)).toBeLessThan(1e-9);
}

function pictures(name: string): ScoredMap[] {
  const { dims, data } = maps.get(`${name}.maps`)!;
  const masks = maps.get(`${name}.masks`)!.data as Uint8Array;
  const [count, height, width] = dims as [number, number, number];
  const size = height * width;
  return Array.from({ length: count }, (_, i) => ({
    map: (data as Float32Array).slice(i * size, (i + 1) * size),
    mask: masks.slice(i * size, (i + 1) * size),
    height,
    width,
  }));
}

const imageCases = cases.filter((one): one is ImageCase => 'scores' in one);
const pixelCases = cases.filter((one): one is PixelCase => 'pixel_auroc' in one);

describe('golden metrics', () => {
  it('has all cases', () => {
    expect(cases.map(({ name }) => name)).toEqual([
      'separable',
      'overlap',
      'ties',
      'inverted',
      'one_defect',
      'pixels',
      'pixels_ties',
    ]);
  });

  it.each(imageCases)('equals scikit-learn for images: $name', (golden) => {
    const metrics = imageMetrics(Float64Array.from(golden.scores), Uint8Array.from(golden.labels));
    close(metrics.auroc, golden.auroc);
    close(metrics.averagePrecision, golden.average_precision);
    close(metrics.f1Max?.f1, golden.f1_max);
    close(metrics.f1Max?.threshold, golden.f1_max_threshold);
    close(metrics.fprAtTpr95, golden.fpr_at_tpr95);
  });

  it.each(pixelCases)('equals scikit-learn and brute force for pixels: $name', (golden) => {
    const metrics = pixelMetrics(pictures(golden.name));
    close(metrics.auroc, golden.pixel_auroc);
    close(metrics.averagePrecision, golden.pixel_average_precision);
    close(metrics.aupro30, golden.aupro_30);
    close(metrics.aupro05, golden.aupro_05);
  });

  it('checks every quantity that the golden values hold', () => {
    const checked = [
      ...['auroc', 'average_precision', 'f1_max', 'f1_max_threshold', 'fpr_at_tpr95'],
      ...['pixel_auroc', 'pixel_average_precision', 'aupro_30', 'aupro_05'],
    ];
    const held = new Set(cases.flatMap((one) => Object.keys(one)));
    expect([...held].sort()).toEqual(['labels', 'name', 'scores', ...checked].sort());
  });

  it.each(pixelCases)('F1-max and FPR of pixels are those of one long list: $name', ({ name }) => {
    const all = pictures(name);
    const metrics = pixelMetrics(all);
    const flat = imageMetrics(
      all.flatMap(({ map }) => [...map]),
      all.flatMap(({ mask }) => [...mask!]),
    );
    close(metrics.f1Max?.f1, flat.f1Max!.f1);
    close(metrics.f1Max?.threshold, flat.f1Max!.threshold);
    close(metrics.fprAtTpr95, flat.fprAtTpr95!);
  });

  it('does not depend on the order of the pictures', () => {
    const forward = rankPixels(pictures('pixels')).all;
    const backward = rankPixels(pictures('pixels').reverse()).all;
    for (const key of ['levels', 'defectiveAt', 'goodBelow', 'goodAt', 'good', 'defective'] as const) {
      expect(backward[key]).toEqual(forward[key]);
    }
    close(aupro(backward), aupro(forward)!);
  });
});
