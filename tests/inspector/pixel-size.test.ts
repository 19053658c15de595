import { describe, expect, it } from 'vitest';
import { connectedRegions } from '#csflow/evaluation/index.js';
import { pixelSize, resizeMask } from '#csflow/inspector/pixel-size.js';

/** A scratch one pixel wide, from corner to corner. */
function scratch(height: number, width: number) {
  const data = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) data[y * width + Math.floor((y * width) / height)] = 1;
  return { height, width, data };
}

describe('pixelSize', () => {
  it('is that of the picture, up to four million pixels', () => {
    expect(pixelSize([1024, 1024], [384, 384], 200)).toEqual([1024, 1024]);
    expect(pixelSize([2000, 2000], [384, 384], 200)).toEqual([2000, 2000]);
    expect(pixelSize([50, 70], [384, 384], 200)).toEqual([50, 70]);
    const [height, width] = pixelSize([3000, 6000], [384, 384], 200);
    expect(height * width).toBeLessThanOrEqual(4e6);
    expect(height * width).toBeGreaterThan(3.99e6);
    expect(width / height).toBeCloseTo(2, 2);
    expect(pixelSize([1, 400_000_000], [384, 384], 1)).toEqual([1, 4_000_000]);
  });

  it('lets all pictures together have 2^30 pixels, but none fewer than its map', () => {
    const [height, width] = pixelSize([2000, 2000], [384, 384], 2000);
    expect(2000 * height * width).toBeLessThanOrEqual(2 ** 30);
    expect(2000 * height * width).toBeGreaterThan(0.99 * 2 ** 30);
    expect(pixelSize([2000, 2000], [384, 384], 100_000)).toEqual([384, 384]);
  });
});

describe('resizeMask', () => {
  it.each([
    [100, 100],
    [37, 91],
    [300, 16],
    [1, 1],
  ])('keeps a scratch thinner than the step in one piece: %i × %i', (height, width) => {
    const resized = resizeMask(scratch(300, 300), [height, width]);
    expect(connectedRegions(resized, height, width).areas).toHaveLength(1);
  });

  it('marks each pixel with a defect below it and no other', () => {
    const data = new Uint8Array(36);
    data[0] = 1;
    data[6 * 4 + 5] = 1;
    expect(resizeMask({ height: 6, width: 6, data }, [3, 2])).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 1));
    expect(resizeMask({ height: 1, width: 2, data: Uint8Array.of(0, 1) }, [2, 4])).toEqual(
      Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 1),
    );
  });
});
