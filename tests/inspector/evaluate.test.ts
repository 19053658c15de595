import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { contentDigest } from '#csflow/data/content-digest.js';
import type { DatasetImage } from '#csflow/data/types.js';
import { pixelMetricsByClass } from '#csflow/evaluation/index.js';
import { evaluateImages } from '#csflow/inspector/evaluate.node.js';
import type { Inspector } from '#csflow/inspector/inspector.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { scoreTestImages } from '#csflow/inspector/score-test-images.node.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { resizeBilinear } from '#csflow/view/index.js';
import { temporaryFolder } from '../data/temporary-folder.js';

const folder = await temporaryFolder();
const side = 16;

/** Looks at grey values alone: the map is the picture, the score its mean. */
const metadata = {
  data: { trainingImages: [], calibrationImages: [] },
  threshold: { value: 100, pixel: { value: 155 }, origin: { kind: 'calibration' } },
} as unknown as ModelMetadata;
const inspector: Inspector = {
  metadata,
  lanes: 2,
  inspect({ data }) {
    const map = Float32Array.from({ length: side * side }, (_, i) => data[3 * i]);
    const score = map.reduce((sum, value) => sum + value, 0) / map.length;
    return Promise.resolve({ score, pValue: 1, defective: score > 100, map, mapSize: [side, side] });
  },
  close: () => Promise.resolve(),
};

async function write(name: string, values: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await sharp(values, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toFile(path);
  return path;
}

const random = new NumpyRandom(1);
const noise = (brighter: number): Uint8Array =>
  Uint8Array.from({ length: side * side }, () => 50 + brighter + random.integerUpTo(90));
const masks = new Map([
  ['crack', Uint8Array.from({ length: side * side }, (_, i) => (i % side < 3 ? 255 : 0))],
  ['dent', Uint8Array.from({ length: side * side }, (_, i) => (i > 200 ? 255 : 0))],
]);

async function imageOf(
  name: string,
  defectClass: string,
  values: Uint8Array,
  mask?: Uint8Array,
): Promise<DatasetImage> {
  return {
    path: await write(`${name}.png`, values),
    label: defectClass === 'good' ? 'good' : 'defective',
    defectClass,
    split: 'test',
    group: name,
    ...(mask && { maskPath: await write(`${name}-mask.png`, mask) }),
  };
}

/** Good and defective ones in turn; a stain has no mask. */
const drawn: { image: DatasetImage; values: Uint8Array }[] = [];
for (const [index, name] of ['good', 'crack', 'good', 'dent', 'stain', 'good', 'crack'].entries()) {
  const mask = masks.get(name);
  const values = noise(0).map((value, i) => value + (mask?.[i] ? 30 : 0));
  drawn.push({
    values,
    image: {
      path: await write(`${index}.png`, values),
      label: name === 'good' ? 'good' : 'defective',
      defectClass: name,
      split: 'test',
      group: String(index),
      ...(mask && { maskPath: await write(`${index}-mask.png`, mask) }),
    },
  });
}
const images = drawn.map(({ image }) => image);

describe('evaluateImages', () => {
  it('measures the pixels of all pictures that have a mask or need none, and keeps their order', async () => {
    const events: string[] = [];
    const {
      summary,
      pixelImages,
      images: looked,
      skipped,
    } = await evaluateImages(inspector, images, {
      onEvent: (event) => events.push(event.kind),
    });
    expect(looked.map(({ image }) => image)).toEqual(images);
    expect(skipped).toEqual([{ path: images[4].path, reason: 'no mask: left out of the pixel figures' }]);
    expect(pixelImages).toBe(6);
    const { all, classes } = pixelMetricsByClass(
      drawn
        .filter(({ image }) => image.defectClass !== 'stain')
        .map(({ image: { defectClass }, values }) => ({
          map: Float32Array.from(values),
          height: side,
          width: side,
          ...(defectClass !== 'good' && { defectClass, mask: masks.get(defectClass) }),
        })),
      155,
    );
    expect(summary).toMatchObject({
      pixel_auroc: all.auroc,
      pixel_ap: all.averagePrecision,
      aupro_30: all.aupro30,
      aupro_05: all.aupro05,
      regions: 3,
      pixel_threshold: 155,
      region_recall: all.regionRecall,
    });
    expect(all.regionRecall).toBeGreaterThan(0);
    expect(summary.per_class.dent.pixel_auroc).toBe(classes.get('dent')!.auroc);
    expect(summary.per_class.stain).toMatchObject({ n: 1, pixel_auroc: null, regions: null });
    expect(events.filter((kind) => kind === 'evaluating')).toHaveLength(7);
  });

  it('measures at the size of the picture, so that a defect thinner than the map’s step is one region', async () => {
    /** Each value of the map is the mean of 4 × 4 pixels. */
    const coarse: Inspector = {
      ...inspector,
      async inspect(picture) {
        const { map: fine, ...verdict } = await inspector.inspect(picture);
        const map = new Float32Array(16);
        for (let i = 0; i < fine.length; i++) map[4 * (i >> 6) + ((i % side) >> 2)] += fine[i] / 16;
        return { ...verdict, map, mapSize: [4, 4] };
      },
    };
    const thin = Uint8Array.from({ length: side * side }, (_, i) => (i % (side + 1) === 0 ? 255 : 0));
    const scratched = (name: string): Promise<DatasetImage> => imageOf(name, 'scratch', noise(30), thin);
    const evaluated = [
      await scratched('thin-a'),
      await scratched('thin-b'),
      await imageOf('fine-a', 'good', noise(0)),
      await imageOf('fine-b', 'good', noise(0)),
    ];
    const { summary, pixelImages } = await evaluateImages(coarse, evaluated);
    expect([summary.regions, pixelImages]).toEqual([2, 4]);
    const maps = await Promise.all(
      evaluated.map(async ({ path, label }) => {
        const data = await sharp(path).toColourspace('srgb').raw().toBuffer();
        const { map } = await coarse.inspect({ width: side, height: side, data: new Uint8Array(data) });
        const stretched = resizeBilinear({ height: 4, width: 4, data: map }, side, side).data;
        const size = { height: side, width: side };
        return label === 'good'
          ? { map: stretched, ...size }
          : { map: stretched, mask: thin, ...size, defectClass: 'scratch' };
      }),
    );
    const { all } = pixelMetricsByClass(maps, 155);
    expect(summary).toMatchObject({ pixel_auroc: all.auroc, aupro_30: all.aupro30 });
    expect(summary.intervals.pixel_auroc![0]).toBeLessThanOrEqual(all.auroc!);
    expect(summary.intervals.aupro_30).not.toBeNull();
  });

  it('leaves a good picture whose mask shows a defect out of the pixel figures, and warns', async () => {
    const odd = await imageOf('odd', 'good', noise(0), masks.get('dent'));
    const clean = await imageOf('clean', 'good', noise(0), new Uint8Array(side * side));
    const before = await evaluateImages(inspector, [...images, clean]);
    const after = await evaluateImages(inspector, [...images, clean, odd]);
    expect([before.pixelImages, after.pixelImages]).toEqual([7, 7]);
    expect(before.warnings).toEqual([]);
    expect(after.summary.pixel_auroc).toBe(before.summary.pixel_auroc);
    expect(after.summary.images).toBe(9);
    expect(after.warnings).toEqual([
      {
        code: 'masks',
        message: expect.stringMatching(/^1 picture good with a mask that shows a defect/) as string,
        files: [odd.maskPath],
      },
    ]);
  });

  it('leaves out what has set the threshold of an earlier model, as what was learned from', async () => {
    const digests = await Promise.all(images.map(async ({ path }) => contentDigest(await readFile(path))));
    const data = { trainingImages: [digests[0]], calibrationImages: [digests[1]] };
    const from = { models: ['0'.repeat(64)], newImages: 1, knownImages: 0, calibrationImages: [digests[2]] };
    const seen = { ...inspector, metadata: { ...metadata, data, from } as unknown as ModelMetadata };
    const { leftOut, images: looked, warnings } = await evaluateImages(seen, images);
    expect([...leftOut].sort()).toEqual(images.slice(0, 3).map(({ path }) => path));
    expect(looked.map(({ image }) => image)).toEqual(images.slice(3));
    expect(warnings[0].message).toContain('3 test images are among those');
    const { scored, leftOut: notScored } = await scoreTestImages(seen, images);
    expect([scored.length, notScored]).toEqual([4, images.slice(0, 3).map(({ path }) => path)]);
  });

  it('says of each picture whether its defect lies outside the region of interest', async () => {
    const points = [
      [2 / side, 0],
      [1, 0],
      [1, 0.75],
      [2 / side, 0.75],
    ];
    const looking: Inspector = {
      ...inspector,
      metadata: { ...metadata, roi: { kind: 'polygon', points } } as unknown as ModelMetadata,
    };
    const { images: looked, outsideRegion } = await evaluateImages(looking, images);
    // Cracks are three columns wide, two of them outside; dents lie below.
    const expected = { crack: 'partly', dent: 'wholly' } as Record<string, string>;
    for (const { image, outsideRegion: outside } of looked)
      expect(outside, image.path).toBe(expected[image.defectClass]);
    expect(outsideRegion).toMatchObject({ images: 3, wholly: 1 });
    for (const { outsideRegion: outside } of (await evaluateImages(inspector, images)).images)
      expect(outside).toBeUndefined();
  });

  it('draws the intervals by part with the seed it is given', async () => {
    const of = async (seed: number, group?: string) => {
      const grouped = group === undefined ? images : images.map((image) => ({ ...image, group }));
      return (await evaluateImages(inspector, grouped, { intervals: { seed } })).summary;
    };
    expect((await of(1)).interval_method).toMatchObject({ seed: 1, good_parts: 3, defective_parts: 4 });
    const onePart = await of(1, 'the only part');
    expect(onePart.intervals.image_auroc).toBeNull();
    expect(onePart.undefined_because['intervals.image_auroc']).toBe('all good images are of one part');
  });

  it('stops where it is told to', async () => {
    const stop = new AbortController();
    const evaluation = evaluateImages(inspector, images, {
      signal: stop.signal,
      onEvent: () => stop.abort(new Error('enough')),
    });
    await expect(evaluation).rejects.toThrow('enough');
  });
});
