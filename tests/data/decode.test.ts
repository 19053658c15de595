import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, decodeMask, imageSize } from '#csflow/data/decode.js';
import { UserError } from '#csflow/errors.js';
import { drawBmp } from './draw-bmp.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = await temporaryFolder();
const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 70, 80, 90];
const raw = { raw: { width: 3, height: 2, channels: 3 } } as const;

async function write(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function noise(width: number, height: number): Sharp {
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => (i * 7919 + (i >> 3) * 104729) & 255,
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** A TIFF of one grey pixel as a 32-bit float. */
function floatTiff(value: number): Buffer {
  const SHORT = 3;
  const LONG = 4;
  // Tag, type, value: width, height, bits, compression, photometric, strip offset, rows, strip bytes, float samples.
  const entries = [
    [256, SHORT, 1],
    [257, SHORT, 1],
    [258, SHORT, 32],
    [259, SHORT, 1],
    [262, SHORT, 1],
    [273, LONG, 8],
    [277, SHORT, 1],
    [278, SHORT, 1],
    [279, LONG, 4],
    [339, SHORT, 3],
  ] as const;
  const file = Buffer.alloc(12 + 2 + 12 * entries.length + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(12, 4);
  file.writeFloatLE(value, 8);
  file.writeUInt16LE(entries.length, 12);
  entries.forEach(([tag, type, content], i) => {
    file.writeUInt16LE(tag, 14 + 12 * i);
    file.writeUInt16LE(type, 16 + 12 * i);
    file.writeUInt32LE(1, 18 + 12 * i);
    file.writeUInt32LE(content, 22 + 12 * i);
  });
  return file;
}

async function refusal(path: string): Promise<string> {
  const error: unknown = await decodeImage(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).toContain(path);
  return message;
}

describe('images that are read', () => {
  it('RGB as it is, told by content under a wrong extension', async () => {
    const path = await write('really-a-png.jpg', await sharp(Uint8Array.from(colours), raw).png().toBuffer());
    const image = await decodeImage(path);
    expect(image).toEqual({ width: 3, height: 2, data: Uint8Array.from(colours) });
    expect(await imageSize(path)).toEqual({ width: 3, height: 2 });
  });

  it('a bitmap under the name of a PNG', async () => {
    const bmp = drawBmp({ width: 1, height: 2, bits: 24, pixels: [1, 2, 3, 0, 4, 5, 6, 0] });
    const path = await write('bitmap.png', bmp);
    expect([...(await decodeImage(path)).data]).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await imageSize(path)).toEqual({ width: 1, height: 2 });
  });

  it('grey becomes RGB', async () => {
    const grey = sharp(Uint8Array.of(0, 7, 255), { raw: { width: 3, height: 1, channels: 1 } });
    const path = await write('grey.png', await grey.toColourspace('b-w').png().toBuffer());
    expect((await sharp(path).metadata()).channels).toBe(1);
    expect([...(await decodeImage(path)).data]).toEqual([0, 0, 0, 7, 7, 7, 255, 255, 255]);
  });

  it.each([
    ['grey', 1, 'grey16'],
    ['RGB', 3, 'rgb16'],
  ] as const)('of 16-bit %s the high eight bits stay', async (_, channels, space) => {
    const values = Uint16Array.from({ length: 20 * 20 * channels }, (_, i) => (i * 40503) & 65535);
    const wide = sharp(values, { raw: { width: 20, height: 20, channels } });
    const path = await write(`${space}.png`, await wide.toColourspace(space).png().toBuffer());
    expect((await sharp(path).metadata()).depth).toBe('ushort');
    const high = Array.from(values, (value) => value >> 8);
    expect([...(await decodeImage(path)).data]).toEqual(
      channels === 3 ? high : high.flatMap((v) => [v, v, v]),
    );
  });

  it('alpha is dropped, not blended', async () => {
    const pixels = [200, 100, 50, 0, 1, 2, 3, 128];
    const path = await write(
      'alpha.png',
      await sharp(Uint8Array.from(pixels), { raw: { width: 2, height: 1, channels: 4 } })
        .png()
        .toBuffer(),
    );
    expect([...(await decodeImage(path)).data]).toEqual([200, 100, 50, 1, 2, 3]);
  });

  it('a palette is resolved', async () => {
    const path = await write(
      'palette.png',
      await sharp(Uint8Array.from(colours), raw).png({ palette: true }).toBuffer(),
    );
    expect((await sharp(path).metadata()).isPalette).toBe(true);
    expect([...(await decodeImage(path)).data]).toEqual(colours);
  });

  it('EXIF orientation is applied, to the size too', async () => {
    const turned = await sharp(Uint8Array.from(colours), raw)
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const path = await write('turned.png', turned);
    const [a, b, c, d, e, f] = [0, 3, 6, 9, 12, 15].map((at) => colours.slice(at, at + 3));
    expect(await decodeImage(path)).toEqual({
      width: 2,
      height: 3,
      data: Uint8Array.from([d, a, e, b, f, c].flat()),
    });
    expect(await imageSize(path)).toEqual({ width: 2, height: 3 });
  });

  it('CMYK becomes RGB', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'white' } })
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    const path = await write('cmyk.jpg', jpeg);
    expect((await sharp(path).metadata()).space).toBe('cmyk');
    const { data } = await decodeImage(path);
    expect(data.length).toBe(8 * 8 * 3);
    expect(Math.min(...data)).toBeGreaterThan(240);
  });

  it('the first frame of an animation', async () => {
    const frames = Uint8Array.from([...Array<number>(12).fill(255), ...Array<number>(12).fill(0)]);
    const gif = await sharp(frames, { raw: { width: 2, height: 4, channels: 3, pageHeight: 2 } })
      .gif()
      .toBuffer();
    const path = await write('frames.gif', gif);
    expect((await sharp(path).metadata()).pages).toBe(2);
    expect(await decodeImage(path)).toEqual({ width: 2, height: 2, data: new Uint8Array(12).fill(255) });
  });

  it('20,000 pixels wide', async () => {
    const path = await write('wide.jpg', await noise(20_000, 16).jpeg().toBuffer());
    const { width, height, data } = await decodeImage(path);
    expect([width, height, data.length]).toEqual([20_000, 16, 960_000]);
  });

  it('bytes behind the end of a JPEG do no harm', async () => {
    const jpeg = await noise(40, 30).jpeg().toBuffer();
    const clean = await decodeImage(await write('clean.jpg', jpeg));
    const path = await write('trailing.jpg', Buffer.concat([jpeg, Buffer.from('a note of the camera')]));
    expect(await decodeImage(path)).toEqual(clean);
  });
});

describe('images that are refused, by name and reason', () => {
  it('missing, a folder, empty, text', async () => {
    expect(await refusal(join(folder, 'missing.png'))).toContain('no such file');
    await mkdir(join(folder, 'folder.png'));
    expect(await refusal(join(folder, 'folder.png'))).toContain('this is a folder');
    expect(await refusal(await write('empty.png', ''))).toContain('0 bytes');
    expect(await refusal(await write('text.jpg', 'not an image at all'))).toContain('this is no image');
  });

  it.each(['jpeg', 'png', 'webp', 'tiff', 'gif'] as const)(
    'a %s cut in half or by its last bytes',
    async (format) => {
      const whole = await noise(200, 150).toFormat(format).toBuffer();
      expect((await decodeImage(await write(`whole.${format}`, whole))).width).toBe(200);
      for (const length of [whole.length >> 1, whole.length - 40]) {
        expect(await refusal(await write(`cut-${length}.${format}`, whole.subarray(0, length)))).toMatch(
          /cut short/,
        );
      }
    },
  );

  it('more than 400 megapixels', async () => {
    const jpeg = await noise(16, 16).jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    jpeg.writeUInt16BE(20_000, frame + 5);
    jpeg.writeUInt16BE(20_001, frame + 7);
    expect(await refusal(await write('huge.jpg', jpeg))).toContain(
      '20001 × 20000 is 401 megapixels; expected at most 400',
    );
  });

  it('floating-point samples', async () => {
    expect(await refusal(await write('float.tif', floatTiff(0.5)))).toContain(
      'samples of type float; expected 8- or',
    );
  });

  it('a drawing', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="2" height="2"/></svg>';
    expect(await refusal(await write('drawing.png', svg))).toContain('SVG drawing');
  });

  it('the size of what is no image', async () => {
    await expect(imageSize(join(folder, 'missing.png'))).rejects.toThrow(
      /missing\.png: there is no such file/,
    );
    await expect(imageSize(await write('empty-2.png', ''))).rejects.toThrow(/0 bytes/);
    await expect(imageSize(await write('text-2.png', 'text'))).rejects.toThrow(/this is no image/);
    await expect(imageSize(folder)).rejects.toThrow(/this is a folder/);
  });
});

describe('masks', () => {
  it('are 1 where the grey value is over 127', async () => {
    const grey = sharp(Uint8Array.of(0, 1, 127, 128, 255), { raw: { width: 5, height: 1, channels: 1 } });
    const path = await write('mask.png', await grey.toColourspace('b-w').png().toBuffer());
    expect(await decodeMask(path)).toEqual({ width: 5, height: 1, data: Uint8Array.of(0, 0, 0, 1, 1) });
  });

  it('go by the colours of a palette, not by its indices', async () => {
    const palette = [
      [255, 255, 255],
      [0, 0, 0],
      [0, 255, 0],
      [255, 0, 0],
    ] as const; // luma 255, 0, 150, 76
    const bmp = drawBmp({ width: 4, height: 1, bits: 8, palette, pixels: [0, 1, 2, 3] });
    expect([...(await decodeMask(await write('mask.bmp', bmp))).data]).toEqual([1, 0, 1, 0]);
  });

  it('of another size than their picture are refused', async () => {
    const path = await write('small.bmp', drawBmp({ width: 1, height: 1, bits: 24, pixels: [0, 0, 0, 0] }));
    expect(await decodeMask(path, { width: 1, height: 1 })).toMatchObject({ width: 1 });
    await expect(decodeMask(path, { width: 2, height: 1 })).rejects.toThrow(
      /mask has 1 × 1 pixels, its picture 2 × 1/,
    );
  });

  const labels = resolve('..', 'shared', 'data', 'ksdd');
  // Counted with PIL 13: np.array(Image.open(label).convert('L')) > 127.
  it.skipIf(!existsSync(labels)).each([
    ['kos02/Part6', 500, 1260, 829, [621, 491]],
    ['kos04/Part3', 500, 1281, 790, [651, 442]],
    ['kos06/Part7', 500, 1261, 2908, [623, 191]],
    ['kos10/Part3', 500, 1273, 3402, [595, 61]],
    ['kos02/Part0', 500, 1267, 0, undefined],
  ] as const)(
    'KolektorSDD label of %s (skipped without ../shared/data/ksdd)',
    async (part, width, height, count, first) => {
      const mask = await decodeMask(join(labels, `${part}_label.bmp`));
      expect([mask.width, mask.height]).toEqual([width, height]);
      expect(mask.data.reduce((sum, value) => sum + value, 0)).toBe(count);
      const at = mask.data.indexOf(1);
      expect(at < 0 ? undefined : [Math.floor(at / width), at % width]).toEqual(first);
    },
  );
});
