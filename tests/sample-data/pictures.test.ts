import { describe, expect, it } from 'vitest';
import { distanceToMetal, HOLES } from '#csflow/data/sample-data/flange.js';
import { drawPicture, planPictures, type PlannedPicture } from '#csflow/data/sample-data/pictures.js';
import { renderPart } from '#csflow/data/sample-data/render-part.js';
import { drawScene } from '#csflow/data/sample-data/scene.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const size = 128;
const plan = planPictures({ seed: 3, size, trainGood: 12, testGood: 3, defectsPerClass: 8 });
const defective = plan.filter(({ defectClass }) => defectClass !== 'good');

/** The same part, lamp and grain without the defect. */
function withoutDefect({ seed }: PlannedPicture): Uint8Array {
  return renderPart(drawScene(new NumpyRandom(seed)), undefined, size).image.data;
}

/** Largest difference of the three channels, pixel by pixel. */
function differences(a: Uint8Array, b: Uint8Array): number[] {
  return Array.from({ length: a.length / 3 }, (_, i) =>
    Math.max(...[0, 1, 2].map((channel) => Math.abs(a[3 * i + channel] - b[3 * i + channel]))),
  );
}

function isNear(mask: Uint8Array, index: number, reach: number): boolean {
  const y = Math.floor(index / size);
  const x = index % size;
  for (let ny = Math.max(0, y - reach); ny <= Math.min(size - 1, y + reach); ny++) {
    for (let nx = Math.max(0, x - reach); nx <= Math.min(size - 1, x + reach); nx++) {
      if (mask[ny * size + nx] === 1) return true;
    }
  }
  return false;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('planPictures', () => {
  it('lays a set out as MVTec AD does', () => {
    const paths = plan.flatMap(({ path, maskPath }) => (maskPath === undefined ? [path] : [path, maskPath]));
    expect(plan).toHaveLength(12 + 3 + 24);
    expect(new Set(paths).size).toBe(12 + 3 + 48);
    expect(paths).toContain('train/good/011.png');
    expect(paths).toContain('test/good/002.png');
    expect(paths).toContain('test/missing/007.png');
    expect(paths).toContain('ground_truth/missing/007_mask.png');
  });

  it('gives every picture a seed of its own that does not depend on the number of others', () => {
    expect(new Set(plan.map(({ seed }) => seed)).size).toBe(plan.length);
    const larger = planPictures({ seed: 3, size, trainGood: 30, testGood: 9, defectsPerClass: 20 });
    const byPath = new Map(larger.map((picture) => [picture.path, picture]));
    for (const picture of plan) expect(byPath.get(picture.path)).toEqual(picture);
  });
});

describe('drawPicture', () => {
  it('same seed same pixels, another seed others', () => {
    const again = planPictures({ seed: 3, size, trainGood: 1, testGood: 0, defectsPerClass: 1 });
    for (const picture of again) {
      const original = plan.find(({ path }) => path === picture.path)!;
      expect(drawPicture(picture, size)).toEqual(drawPicture(original, size));
    }
    const other = planPictures({ seed: 4, size, trainGood: 1, testGood: 0, defectsPerClass: 0 });
    expect(drawPicture(other[0], size).image).not.toEqual(drawPicture(plan[0], size).image);
    expect(drawPicture(plan[0], size).image).not.toEqual(drawPicture(plan[1], size).image);
  });

  it('good ones have an empty mask, a bright part on dark ground and differ in exposure', () => {
    const brightness = plan.slice(0, 12).map((picture) => {
      const { image, mask } = drawPicture(picture, size);
      expect(mask.data.includes(1)).toBe(false);
      expect(image.data).toHaveLength(size * size * 3);
      const at = (y: number, x: number) =>
        image.data[3 * (Math.round(y * size) * size + Math.round(x * size))];
      expect(mean([at(0.02, 0.02), at(0.02, 0.98), at(0.98, 0.02), at(0.5, 0.5)])).toBeLessThan(70);
      return mean([...image.data]);
    });
    expect(Math.min(...brightness)).toBeGreaterThan(50);
    expect(Math.max(...brightness)).toBeLessThan(150);
    expect(Math.max(...brightness) - Math.min(...brightness)).toBeGreaterThan(8);
  });

  it.each(defective)('$path: the mask is exact and the defect can be seen', (picture) => {
    const { image, mask } = drawPicture(picture, size);
    const change = differences(image.data, withoutDefect(picture));
    const inside = change.filter((_, i) => mask.data[i] === 1);

    // A soft edge: one grey level may fade out over four pixels. Nothing else in the picture knows of the defect.
    change.forEach((value, i) => {
      if (value > 0 && mask.data[i] === 0) expect(isNear(mask.data, i, value > 1 ? 2 : 4)).toBe(true);
    });
    expect(inside.length).toBeGreaterThan(15);
    expect(inside.length).toBeLessThan(0.08 * size * size);
    expect(mean(inside)).toBeGreaterThan(9);
    expect(inside.filter((value) => value > 3).length).toBeGreaterThan(0.6 * inside.length);
  });

  it('“missing” is a hole that is not there and a broken edge by turns', () => {
    const missing = defective.filter(({ defectClass }) => defectClass === 'missing');
    const darker = missing.map((picture) => {
      const { image, mask } = drawPicture(picture, size);
      const before = withoutDefect(picture);
      return (
        mean([...image.data].flatMap((v, i) => (mask.data[Math.floor(i / 3)] ? [v - before[i]] : []))) < 0
      );
    });
    expect(darker).toEqual([false, true, false, true, false, true, false, true]);
  });
});

describe('the flange', () => {
  it('is metal on the face, and not in bore, keyway, holes and outside', () => {
    expect(distanceToMetal(0.45, 0)).toBeLessThan(0);
    expect(distanceToMetal(0, 0)).toBeGreaterThan(0);
    expect(distanceToMetal(0, -0.26)).toBeGreaterThan(0);
    expect(distanceToMetal(0, 0.26)).toBeLessThan(0);
    expect(distanceToMetal(0.9, 0)).toBeCloseTo(0.1, 12);
    for (const { x, y } of HOLES) {
      expect(distanceToMetal(x, y)).toBeGreaterThan(0);
      expect(distanceToMetal(x, y, [])).toBeLessThan(0);
    }
  });
});
