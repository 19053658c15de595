import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import sharp from 'sharp';
import { openDataset, type OpenDatasetOptions } from '#csflow/data/layouts/open-dataset.js';
import type { Dataset, DatasetImage } from '#csflow/data/types.js';
import { drawBmp } from './draw-bmp.js';
import { temporaryFolder } from './temporary-folder.js';

/** Content by name; `true` is an empty file, which does where only names count. */
export type Files = Readonly<Record<string, string | Buffer | true>>;

/** Functions that lay files down in folders of their own below one that is gone after the tests. */
export async function drawnDatasets() {
  const folder = await temporaryFolder();
  let count = 0;
  const drawn = async (files: Files): Promise<string> => {
    const root = join(folder, `set-${count++}`);
    await mkdir(root);
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content === true ? '' : content);
    }
    return root;
  };
  const opened = async (files: Files, options?: OpenDatasetOptions): Promise<Dataset> =>
    openDataset(await drawn(files), options);
  return { drawn, opened };
}

export function emptyFiles(names: readonly string[]): Files {
  return Object.fromEntries(names.map((name) => [name, true as const]));
}

export function numbered(n: number, name: (i: string) => string): readonly string[] {
  return Array.from({ length: n }, (_, i) => name(String(i).padStart(3, '0')));
}

export function nameIn(dataset: Dataset, path: string): string {
  return relative(dataset.root, path).split(sep).join('/');
}

/** `path: label class split group [mask]` of each image; the group where it is not the picture itself. */
export function rowsOf(dataset: Dataset): readonly string[] {
  return dataset.images.map(({ path, label, defectClass, split, group, maskPath }) => {
    const name = nameIn(dataset, path);
    const mask = maskPath === undefined ? [] : [`[${nameIn(dataset, maskPath)}]`];
    return [`${name}:`, label, defectClass, split, ...(group === name ? [] : [`of ${group}`]), ...mask].join(
      ' ',
    );
  });
}

export function namesOf(dataset: Dataset, which: (image: DatasetImage) => boolean): readonly string[] {
  return dataset.images.filter(which).map((image) => nameIn(dataset, image.path));
}

export const isTest = (image: DatasetImage): boolean => image.split === 'test';
export const isDefective = (image: DatasetImage): boolean => image.label === 'defective';

export function skippedIn(dataset: Dataset): Readonly<Record<string, string>> {
  return Object.fromEntries(dataset.skipped.map(({ path, reason }) => [nameIn(dataset, path), reason]));
}

/** A grey PNG from values row by row. */
export function greyPng(width: number, height: number, values: readonly number[]): Promise<Buffer> {
  return sharp(Uint8Array.from(values), { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

/** A mask as an 8-bit BMP with a palette, 4 × 2 pixels: all good, or with one defective pixel. */
export function labelBmp(defective: boolean): Buffer {
  const pixels = [0, 0, 0, 0, 0, 0, defective ? 1 : 0, 0];
  return drawBmp({
    width: 4,
    height: 2,
    bits: 8,
    pixels,
    palette: [
      [0, 0, 0],
      [255, 255, 255],
    ],
  });
}
