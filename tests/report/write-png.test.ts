import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '#csflow/errors.js';
import { writePng } from '#csflow/report/write-png.js';

const root = mkdtempSync(join(tmpdir(), 'csflow-png-'));
afterAll(() => rmSync(root, { recursive: true }));

const image = { width: 5, height: 3, data: Uint8Array.from({ length: 45 }, (_, i) => (i * 91) % 256) };

describe('writePng', () => {
  it('writes every pixel as it is, makes folders and leaves nothing beside', async () => {
    const path = join(root, 'new', 'folder', 'picture.png');
    await writePng(path, { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) });
    await writePng(path, image);
    const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 5, height: 3, channels: 3, format: 'raw' });
    expect((await sharp(path).metadata()).format).toBe('png');
    expect([...data]).toEqual([...image.data]);
    expect(readdirSync(join(root, 'new', 'folder'))).toEqual(['picture.png']);
  });

  it('names a place it cannot write to', async () => {
    const file = join(root, 'file');
    writeFileSync(file, 'no folder');
    const path = join(file, 'picture.png');
    await expect(writePng(path, image)).rejects.toThrow(UserError);
    await expect(writePng(path, image)).rejects.toThrow(path);
  });

  it('refuses pixels that do not fit the size', async () => {
    await expect(writePng(join(root, 'a.png'), { ...image, width: 4 })).rejects.toThrow(RangeError);
    await expect(
      writePng(join(root, 'a.png'), { width: 0, height: 0, data: new Uint8Array() }),
    ).rejects.toThrow(RangeError);
    expect(readdirSync(root)).not.toContain('a.png');
  });
});
