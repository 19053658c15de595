import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '#csflow/data/types.js';
import { embedPicture } from '#csflow/report/index.js';

function noise(width: number, height: number): RgbImage {
  let state = 1;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data };
}

async function pixelsOf(uri: string) {
  const content = Buffer.from(uri.slice('data:image/webp;base64,'.length), 'base64');
  const { data, info } = await sharp(content).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number => data[(y * info.width + x) * info.channels];
  return { bytes: content.length, width: info.width, height: info.height, at };
}

describe('embedPicture', () => {
  it('keeps a small picture’s size and makes a large one small, in its shape', async () => {
    expect(await embedPicture(noise(40, 30))).toMatchObject({ width: 40, height: 30 });
    const { uri, width, height } = await embedPicture(noise(500, 1250));
    expect([width, height]).toEqual([205, 512]);
    expect(await pixelsOf(uri)).toMatchObject({ width, height });
    expect(await embedPicture(noise(3000, 2))).toMatchObject({ width: 512, height: 1 });
  });

  it('stays below 200 KB for what compresses worst', async () => {
    const { uri } = await embedPicture(noise(1024, 1024));
    expect(uri.length).toBeLessThan(200_000 + 100);
  });

  it('draws a white line with a black edge around the defect, outside of it', async () => {
    const side = 512;
    const image = { width: side, height: side, data: new Uint8Array(side * side * 3).fill(128) };
    const data = new Uint8Array(side * side);
    for (let y = 160; y < 352; y++) data.fill(1, y * side + 160, y * side + 352);
    const { at } = await pixelsOf((await embedPicture(image, { width: side, height: side, data })).uri);
    // WebP blurs a little.
    expect(Math.abs(at(256, 256) - 128)).toBeLessThan(30);
    expect(at(158, 256)).toBeGreaterThan(200);
    expect(at(156, 256)).toBeLessThan(60);
    expect(Math.abs(at(140, 256) - 128)).toBeLessThan(30);
  });

  it('shows a defect of one pixel in a large picture', async () => {
    const image = { width: 2048, height: 2048, data: new Uint8Array(2048 * 2048 * 3).fill(128) };
    const data = new Uint8Array(2048 * 2048);
    data[1001 * 2048 + 1003] = 1;
    const { at } = await pixelsOf((await embedPicture(image, { width: 2048, height: 2048, data })).uri);
    expect(at(252, 250)).toBeGreaterThan(200);
  });
});
