import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { inspectDataset, leakageWarnings } from '#csflow/data/inspection/inspect-dataset.js';
import { trainingWarnings } from '#csflow/data/inspection/training-warnings.js';
import { openDataset, type OpenDatasetOptions } from '#csflow/data/layouts/open-dataset.js';
import { drawBmp } from './draw-bmp.js';
import { drawPart } from './draw-part.js';
import { drawnDatasets, greyPng, nameIn, type Files } from './drawn-dataset.js';

const { opened } = await drawnDatasets();
const part = (seed: number) => drawPart(seed).png().toBuffer();
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Parts 0 to 39 in training, 40 to 59 in the test. */
let sound: Files;
beforeAll(async () => {
  const parts = await Promise.all(numbers(0, 60).map(part));
  sound = Object.fromEntries(
    parts.map((content, i) => [
      `${i < 40 ? 'train' : 'test'}/good/${String(i).padStart(2, '0')}.png`,
      content,
    ]),
  );
});

async function inspected(more: Files, options?: OpenDatasetOptions) {
  const dataset = await opened({ ...sound, ...more }, options);
  const inspection = await inspectDataset(dataset);
  const codes = inspection.warnings.map(({ code }) => code);
  return { dataset, inspection, codes };
}

describe('pictures that look alike', () => {
  it('none among different parts, though all parts have the same frame', async () => {
    const { inspection } = await inspected({});
    expect(inspection.warnings).toEqual([]);
    expect(inspection.scale.threshold).toBe(0.93);
    expect([inspection.alikeAcross, inspection.alikeInTraining]).toEqual([[], []]);
  });

  it.each([
    [
      'saved as JPEG of low quality',
      (seed: number) => drawPart(seed).jpeg({ quality: 40 }).toBuffer(),
      'jpg',
    ],
    ['made smaller', (seed: number) => drawPart(seed).resize(60).png().toBuffer(), 'png'],
    ['darker and flatter', (seed: number) => drawPart(seed).linear(0.5, 20).png().toBuffer(), 'png'],
    [
      'in colour with alpha',
      (seed: number) => drawPart(seed).toColourspace('srgb').ensureAlpha(0.5).png().toBuffer(),
      'png',
    ],
    ['with 16 bits', (seed: number) => drawPart(seed).toColourspace('grey16').png().toBuffer(), 'png'],
    [
      'with a small defect',
      (seed: number) =>
        drawPart(seed)
          .composite([
            {
              input: { create: { width: 6, height: 6, channels: 3, background: 'white' } },
              left: 40,
              top: 30,
            },
          ])
          .png()
          .toBuffer(),
      'png',
    ],
  ])('a training picture %s in the test', async (_, redrawn, extension) => {
    const { dataset, inspection, codes } = await inspected({
      [`test/good/99.${extension}`]: await redrawn(7),
    });
    expect(codes).toEqual(['alike-in-training-and-test']);
    expect(
      inspection.alikeAcross.map(({ picture, other }) =>
        [picture, other].map(({ path }) => nameIn(dataset, path)),
      ),
    ).toEqual([[`test/good/99.${extension}`, 'train/good/07.png']]);
    expect(inspection.warnings[0].message).toMatch(
      /^1 picture of the test set looks like one in training \(likeness 0\.93 and more/,
    );
  });

  it('in training: its threshold would be too low; pictures of one part may be alike', async () => {
    const twice = { 'train/good/03b.png': await drawPart(3).linear(0.8, 10).png().toBuffer() };
    expect((await inspected(twice)).codes).toEqual(['alike-in-training']);
    expect((await inspected(twice, { groupPattern: /^\d\d/ })).codes).toEqual([]);
  });
});

describe('files with the same content', () => {
  it('in training and test, among good and defective ones, twice on one side', async () => {
    const { dataset, inspection, codes } = await inspected({
      'test/good/5-again.png': sound['train/good/05.png'],
      'test/crack/6-again.png': sound['train/good/06.png'],
      'train/good/7-again.png': sound['train/good/07.png'],
    });
    expect(codes).toEqual([
      'same-picture-in-training-and-test',
      'same-picture-good-and-defective',
      'same-picture-again',
    ]);
    const files = inspection.warnings.map((warning) =>
      warning.files.map((path) => nameIn(dataset, path)).sort(),
    );
    expect(files).toEqual([
      ['test/crack/6-again.png', 'test/good/5-again.png', 'train/good/05.png', 'train/good/06.png'],
      ['test/crack/6-again.png', 'train/good/06.png'],
      ['train/good/07.png', 'train/good/7-again.png'],
    ]);
    expect(inspection.warnings[2].message).toMatch(
      /^1 picture is there again .*\(train\/good\/07\.png is train\/good\/7-again\.png\)$/,
    );
  });

  it('train and evaluate are told of leaks alone, whatever cannot be read', async () => {
    const dataset = await opened({
      ...sound,
      'test/good/5-again.png': sound['train/good/05.png'],
      'test/good/8-again.jpg': await drawPart(8).jpeg().toBuffer(),
      'test/good/broken.png': 'no picture',
      'test/crack/unmasked.png': await part(90),
    });
    const warnings = await leakageWarnings(dataset);
    expect(
      warnings.map(({ code, files }) => [code, files.map((path) => nameIn(dataset, path)).sort()]),
    ).toEqual([
      ['same-picture-in-training-and-test', ['test/good/5-again.png', 'train/good/05.png']],
      ['alike-in-training-and-test', ['test/good/8-again.jpg', 'train/good/08.png']],
    ]);
    expect(warnings[0].message).toMatch(
      /^1 picture of the test set is in training too, .*\(test.good.5-again\.png is train.good.05\.png\)$/,
    );
  });

  it('train is told what its own pictures say, and does not open the test ones', async () => {
    const dataset = await opened({
      ...sound,
      'test/good/5-again.png': sound['train/good/05.png'],
      'train/good/6-again.png': sound['train/good/06.png'],
      'train/good/9-again.jpg': await drawPart(9).jpeg().toBuffer(),
    });
    const warnings = await trainingWarnings(dataset);
    expect(
      warnings.map(({ code, files }) => [code, files.map((path) => nameIn(dataset, path)).sort()]),
    ).toEqual([
      ['same-picture-again', ['train/good/06.png', 'train/good/6-again.png']],
      ['alike-in-training', ['train/good/09.png', 'train/good/9-again.jpg']],
    ]);
  });

  it('a random split is warned of', async () => {
    expect((await inspected({}, { split: 'random' })).codes).toEqual(['random-split']);
  });
});

describe('masks and files', () => {
  const mask = (values: readonly number[], width = 96) => {
    const all = new Array<number>(width * 80).fill(0);
    values.forEach((value, i) => (all[i] = value));
    return greyPng(width, 80, all);
  };

  it('says what is wrong with masks', async () => {
    const { inspection, codes } = await inspected({
      ...Object.fromEntries(
        await Promise.all(
          numbers(0, 6).map(async (i) => [`test/crack/${i}.png`, await part(100 + i)] as const),
        ),
      ),
      'ground_truth/crack/0_mask.png': await mask([255]),
      'ground_truth/crack/1_mask.png': await mask([]),
      'ground_truth/crack/2_mask.png': await mask([1, 2]),
      'ground_truth/crack/3_mask.png': await mask([255], 90),
      'ground_truth/crack/4_mask.png': 'no picture',
      'ground_truth/good/45_mask.png': await mask([255]),
    });
    const kinds = inspection.pictures
      .filter(({ image }) => image.label === 'defective')
      .map(({ mask: { kind } }) => kind);
    expect(kinds).toEqual(['filled', 'empty', 'dim', 'other-size', 'unreadable', 'none']);
    expect(codes).toEqual(new Array(6).fill('masks'));
    expect(inspection.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^1 picture with a mask of another size.*3_mask\.png/),
      expect.stringMatching(/^1 picture with a mask that cannot be read.*4_mask\.png/),
      expect.stringMatching(/nothing is over 127.*2_mask\.png/),
      expect.stringMatching(/with an empty mask.*1_mask\.png/),
      expect.stringMatching(/^1 picture good with a mask that shows a defect.*45_mask\.png/),
      expect.stringMatching(/without a mask.*test.crack.5\.png/),
    ]);
  });

  it('names what cannot be read and goes on', async () => {
    const cut = (await part(50)).subarray(0, 900);
    const { inspection, codes } = await inspected({ 'train/good/x.png': cut, 'test/good/y.png': '' });
    expect(codes).toEqual(['unreadable-pictures']);
    expect(inspection.unreadable.map(({ path }) => basename(path))).toEqual(['y.png', 'x.png']);
    expect(inspection.pictures.length).toBe(60);
  });

  it('knows size, depth and colour of every kind of file', async () => {
    const rgb = sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } });
    const palette: readonly (readonly [number, number, number])[] = [
      [0, 0, 0],
      [9, 9, 9],
    ];
    const { inspection } = await inspected({
      'test/good/a.jpg': await rgb.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'test/good/b.png': await drawPart(70).toColourspace('grey16').png().toBuffer(),
      'test/good/c.bmp': drawBmp({ width: 4, height: 1, bits: 8, pixels: [0, 1, 1, 0], palette }),
      'test/good/d.webp': await rgb.clone().webp().toBuffer(),
    });
    const facts = Object.fromEntries(
      inspection.pictures.map(({ image, facts }) => [basename(image.path), facts]),
    );
    expect(facts['a.jpg']).toEqual({ width: 20, height: 30, format: 'jpeg', bits: 8, colour: true });
    expect(facts['b.png']).toEqual({ width: 96, height: 80, format: 'png', bits: 16, colour: false });
    expect(facts['c.bmp']).toEqual({ width: 4, height: 1, format: 'bmp', bits: 8, colour: false });
    expect(facts['d.webp']).toMatchObject({ width: 30, height: 20, format: 'webp', colour: true });
    expect(facts['40.png']).toEqual({ width: 96, height: 80, format: 'png', bits: 8, colour: false });
  });

  it('counts as it goes and stops when asked to', async () => {
    const dataset = await opened(sound);
    const seen: number[] = [];
    await inspectDataset(dataset, { onPicture: (done, total) => seen.push(total - done) });
    expect(seen).toEqual(numbers(0, 60).reverse());
    const stopped = inspectDataset(dataset, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });
});

const tiles = resolve('..', 'shared', 'data', 'mt');
describe.skipIf(!existsSync(tiles))('the real magnetic tiles (skipped without ../shared/data/mt)', () => {
  it('finds the tile that was photographed twice, and nothing else across the split by tile', async () => {
    const dataset = await openDataset(tiles);
    // The test tiles and every third training tile, without their masks.
    const good = dataset.images
      .filter(
        ({ label, split, group }) =>
          label === 'good' && (split === 'test' || Number(group.slice(5)) % 3 === 0),
      )
      .map(({ maskPath: _, ...image }) => image);
    // As if tile 44 were not known to be tile 40, which is test.
    const twin = dataset.skipped
      .filter(({ reason }) => reason.includes('tile 44'))
      .map(
        ({ path }) =>
          ({ path, label: 'good', defectClass: 'good', split: 'train', group: 'tile-044' }) as const,
      );
    expect(twin.length).toBe(6);
    const { alikeAcross } = await inspectDataset({ ...dataset, images: [...good, ...twin] });
    const pairs = new Set(alikeAcross.map(({ picture, other }) => `${picture.group} ${other.group}`));
    expect([...pairs]).toEqual(['tile-040 tile-044']);
    expect(alikeAcross.length).toBe(6);
  });
});
