import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateMaps, mapCollector, type MapCalibration } from '#csflow/inspector/map-calibration.js';
import {
  meanScale,
  pixelPValue,
  rarityOf,
  smallestMeasured,
  valueAtPValue,
} from '#csflow/inspector/map-scale.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

fc.configureGlobal({ seed: 2022 });

const positions = 400;

/** A map of independent exponential values: P(value > v) = exp(−v). */
function drawnMap(random: NumpyRandom, factor = 1): Float32Array {
  return Float32Array.from({ length: positions }, () => -Math.log(1 - random.uniform()) * factor);
}

function statisticsOf(images: number, seed = 1, factor = 1) {
  const random = new NumpyRandom(seed);
  const collector = mapCollector(positions);
  for (let i = 0; i < images; i++) collector.add(drawnMap(random, factor), `${seed}-${i}`);
  return collector.statistics();
}

const calibrated = (images: number, seed = 1, share?: number): MapCalibration =>
  calibrateMaps([statisticsOf(images, seed)], share);

describe('the scale of the maps', () => {
  it('gives the p-values of fresh good pixels as often as it says', () => {
    const { mapScale } = calibrated(500);
    const random = new NumpyRandom(2);
    const rarity = rarityOf(mapScale);
    const fresh = Array.from({ length: 500 }, () => [...drawnMap(random)])
      .flat()
      .map(rarity);
    for (const p of [0.3, 0.05, 0.01, 0.001, 0.0003]) {
      const found = fresh.filter((found) => found >= -Math.log10(p)).length / fresh.length;
      // Four deviations of a count of so many, of the drawn and of the calibration pixels.
      expect(Math.abs(found - p), `p ${p}`).toBeLessThan(4 * Math.sqrt((2 * p) / fresh.length));
    }
  });

  it('falls strictly, from 1 at 0, and valueAtPValue is its inverse', () => {
    const { mapScale } = calibrated(50);
    expect(pixelPValue(mapScale, 0)).toBe(1);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 60, noNaN: true }), (value) => {
        const p = pixelPValue(mapScale, value);
        expect(pixelPValue(mapScale, value * 1.01)).toBeLessThan(p);
        expect(valueAtPValue(mapScale, p) / value).toBeCloseTo(1, 9);
      }),
    );
  });

  it('reaches as far as the images carry, and further with more of them', () => {
    const ends = [1, 5, 50, 500].map((images) => smallestMeasured(calibrated(images).mapScale));
    // 1 / 401, 1 / 2001, 1 / 20001, 1 / 200001, up to the next of 1, 2, 5.
    expect(ends).toEqual([0.005, 0.0005, 0.00005, 0.000005]);
  });

  it('goes on beyond as an exponential tail does', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const found = seeds.map((seed) => {
      const { mapScale } = calibrated(200, seed);
      expect(pixelPValue(mapScale, 20)).toBeLessThan(smallestMeasured(mapScale) / 10);
      return Math.log(pixelPValue(mapScale, 20)) / -20;
    });
    // exp(−20) for this distribution; one scale's last points are of one and two values and say it roughly.
    const mean = found.reduce((a, b) => a + b) / seeds.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.15);
  });

  it.each([2, 0])('stands maps that are %d everywhere: that much is common, more was never seen', (value) => {
    const collector = mapCollector(positions);
    collector.add(new Float32Array(positions).fill(value), 'part');
    const mapScale = collector.statistics().scale;
    expect(pixelPValue(mapScale, value)).toBeGreaterThan(0.4);
    expect(pixelPValue(mapScale, value + 0.1)).toBeLessThan(smallestMeasured(mapScale));
    expect(valueAtPValue(mapScale, 0.01)).toBeCloseTo(value, 2);
  });

  it('refuses maps with values that are no numbers, and none at all', () => {
    const collector = mapCollector(positions);
    expect(() => collector.add(Float32Array.of(NaN), 'part')).toThrow(RangeError);
    expect(() => mapCollector(positions).statistics()).toThrow(RangeError);
  });
});

describe('the scale of several flows', () => {
  it('has the mean of their p-values, as far as each of them reaches', () => {
    const [small, large] = [statisticsOf(50, 1), statisticsOf(500, 2, 3)].map(({ scale }) => scale);
    const both = meanScale([small, large]);
    expect(smallestMeasured(both)).toBe(smallestMeasured(small));
    for (const { p, value } of both.quantiles) {
      const mean = (pixelPValue(small, value) + pixelPValue(large, value)) / 2;
      expect(mean / p).toBeCloseTo(1, 6);
    }
    expect(meanScale([small])).toEqual(small);
  });

  it('and a threshold from the images of all', () => {
    const flows = [1, 2, 3, 4].map((seed) => statisticsOf(5, seed));
    const largest = flows.flatMap(({ maxima }) => maxima).sort((a, b) => b - a)[0];
    expect(calibrateMaps(flows).threshold).toMatchObject({ value: largest, enough: true });
    expect(calibrateMaps(flows.slice(1)).threshold.enough).toBe(false);
  });
});

describe('the threshold of a pixel', () => {
  it('lets no more than the stated share of fresh good images show a region', () => {
    const share = 0.05;
    const { scale } = statisticsOf(1);
    const random = new NumpyRandom(3);
    const largest = (): number => Math.max(...drawnMap(random));
    let shown = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const maxima = Array.from({ length: 39 }, largest);
      const { threshold } = calibrateMaps([{ scale, maxima, parts: maxima.map((_, i) => `${i}`) }], share);
      if (largest() > threshold.value) shown++;
    }
    // Exactly 2 of 40 on average: four deviations of the count above it, and not next to none.
    expect(shown / trials).toBeLessThan(share + 4 * Math.sqrt((share * (1 - share)) / trials));
    expect(shown / trials).toBeGreaterThan(share / 4);
  });

  it('counts each part once, however many images show it', () => {
    const { scale } = statisticsOf(1);
    // Of 19 parts the first has 21 images, twenty of them odder than all others.
    const maxima = [
      ...Array.from({ length: 20 }, (_, i) => 100 + i),
      ...Array.from({ length: 19 }, (_, i) => i + 1),
    ];
    const parts = maxima.map((_, i) => (i < 20 ? '0' : String(i - 20)));
    expect(calibrateMaps([{ scale, maxima, parts }], 0.1).threshold).toMatchObject({
      value: 19,
      enough: true,
    });
    const alone = maxima.map((_, i) => String(i));
    expect(calibrateMaps([{ scale, maxima, parts: alone }], 0.1).threshold.value).toBe(116);
  });

  it('reaches as far as the parts carry, not as far as their images', () => {
    const collector = mapCollector(positions);
    const random = new NumpyRandom(4);
    for (let i = 0; i < 50; i++) collector.add(drawnMap(random), `${i % 5}`);
    expect(smallestMeasured(collector.statistics().scale)).toBe(0.0005);
  });

  it('has the p-value of the scale, and says when the images are too few', () => {
    const { mapScale, threshold } = calibrated(100);
    expect(threshold).toMatchObject({ goodImageShare: 0.05, enough: true });
    expect(threshold.pValue).toBe(pixelPValue(mapScale, threshold.value));
    const few = calibrated(10);
    expect(few.threshold.enough).toBe(false);
    const random = new NumpyRandom(1);
    const largest = Math.max(...Array.from({ length: 10 }, () => Math.max(...drawnMap(random))));
    expect(few.threshold.value).toBe(Math.fround(largest));
  });
});
