import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';

interface ResizeCase {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly pixels: readonly number[];
  readonly resized: readonly number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL('../fixtures/golden/pil_bilinear.json', import.meta.url), 'utf8'),
) as { cases: readonly ResizeCase[] };

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

describe("ResizeImage is PIL's BILINEAR to one grey level", () => {
  it.each(cases.map((golden) => [`${golden.from.join('×')} to ${golden.to.join('×')}`, golden] as const))(
    '%s',
    async (_, { from, to, pixels, resized }) => {
      const y = g.resizeImage(g.input('image', ['N', 'H', 'W', 3], 'uint8'), to[0], to[1]);
      const session = await device.compile(g.writeOnnx({ y }));
      const image = { dtype: 'uint8', dims: [1, ...from, 3], data: Uint8Array.from(pixels) } as const;
      const found = (await session.run({ image })).y;
      expect(found.dims).toEqual([1, ...to, 3]);
      resized.forEach((value, i) => expect(Math.abs(Number(found.data[i]) - value)).toBeLessThanOrEqual(1));
    },
  );
});
