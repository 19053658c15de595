import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '#csflow/data/decode.js';
import { displayedImage } from '#csflow/data/displayed-image.js';
import { drawBmp } from './draw-bmp.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = await temporaryFolder();
const [width, height] = [40, 30];

/** A ramp of grey up to `max`, written with 16 bits. */
function ramp(max: number, channels: 1 | 3 = 1): Uint16Array {
  const length = width * height * channels;
  return Uint16Array.from({ length }, (_, i) =>
    Math.round((max * Math.floor(i / channels)) / (width * height - 1)),
  );
}

async function write(name: string, values: Uint16Array, channels: 1 | 3 = 1): Promise<string> {
  const path = join(folder, name);
  const image = sharp(values, { raw: { width, height, channels } }).toColourspace(
    channels === 1 ? 'grey16' : 'rgb16',
  );
  await (name.endsWith('.tif') ? image.tiff({ compression: 'none' }) : image.png()).toFile(path);
  return path;
}

describe('displayedImage of 16 bits', () => {
  it.each([
    [8, 255],
    [10, 1023],
    [12, 2500],
    [12, 4095],
    [14, 16383],
    [16, 20000],
    [16, 65535],
  ])('shows the highest eight of %i bits in use (largest value %i)', async (bits, max) => {
    const values = ramp(max);
    const path = await write(`ramp-${max}.png`, values);
    const shown = await displayedImage(path);
    expect([shown.width, shown.height]).toEqual([width, height]);
    // Grey stays grey, and 1,199 of 1,200 samples keep their order.
    values.forEach((value, i) => {
      expect([...shown.data.subarray(3 * i, 3 * i + 3)]).toEqual(Array(3).fill(value >> (bits - 8)));
    });
    expect(Math.max(...shown.data)).toBeGreaterThan(75);
  });

  it('is equal to the decoded picture where all 16 bits are used, in colour and in TIFF too', async () => {
    for (const name of ['colour.png', 'colour.tif']) {
      const path = await write(name, ramp(65535, 3), 3);
      expect(await displayedImage(path)).toEqual(await decodeImage(path));
    }
    const twelve = await displayedImage(await write('twelve.tif', ramp(4095, 3), 3));
    expect(twelve.data.at(-1)).toBe(255);
  });

  it('is not misled by a burnt-in mark, which becomes white', async () => {
    const values = ramp(4000);
    values[17] = 65535;
    const shown = await displayedImage(await write('mark.png', values));
    expect(shown.data[3 * 17]).toBe(255);
    expect(shown.data.at(-1)).toBe(4000 >> 4);
    values.fill(65535, 0, 3);
    const bright = await displayedImage(await write('bright.png', values));
    expect(bright.data.at(-1)).toBe(4000 >> 8);
  });

  it('turns and drops alpha as decoding does', async () => {
    const path = join(folder, 'turned.png');
    const alpha = Uint16Array.from(ramp(4095, 1));
    const values = Uint16Array.from({ length: 2 * width * height }, (_, i) =>
      i % 2 ? 30_000 : alpha[i >> 1],
    );
    await sharp(values, { raw: { width, height, channels: 2 } })
      .toColourspace('grey16')
      .withMetadata({ orientation: 6 })
      .png()
      .toFile(path);
    const [shown, decoded] = [await displayedImage(path), await decodeImage(path)];
    expect([shown.width, shown.height]).toEqual([decoded.width, decoded.height]);
    // Sixteen times as bright as what the model sees, pixel by pixel.
    shown.data.forEach((value, i) => expect(value >> 4).toBe(decoded.data[i]));
  });
});

describe('displayedImage of 8 bits', () => {
  it('is the decoded picture, which is not decoded once more where it is at hand', async () => {
    const path = join(folder, 'grey.png');
    const data = Uint8Array.from({ length: width * height }, (_, i) => i & 63);
    await sharp(data, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(path);
    const decoded = await decodeImage(path);
    expect(await displayedImage(path)).toEqual(decoded);
    expect(await displayedImage(path, decoded)).toBe(decoded);
  });

  it('and of a bitmap', async () => {
    const path = join(folder, 'picture.bmp');
    await writeFile(path, drawBmp({ width: 1, height: 2, bits: 24, pixels: [1, 2, 3, 0, 4, 5, 6, 0] }));
    expect(await displayedImage(path)).toEqual(await decodeImage(path));
  });

  it('names a file that is no image', async () => {
    const path = join(folder, 'text.png');
    await writeFile(path, 'no picture');
    await expect(displayedImage(path)).rejects.toThrow(path);
  });
});
