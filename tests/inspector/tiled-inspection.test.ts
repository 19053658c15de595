import { describe, expect, it } from 'vitest';
import { inspectTiles, type TiledOptions } from '#csflow/inspector/tiled-inspection.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import type { Feeds, Results, Session } from '#csflow/runtime/session.js';
import { openRegion, type View } from '#csflow/view/index.js';

const size = [128, 128] as const;
const configuration: TiledOptions['configuration'] = {
  backbone: { name: 'efficientnet-lite0', layer: 14 },
  size: [...size],
  channels: 4,
  hidden: 2,
  kernels: [1],
  clamp: 3,
  gamma: true,
  usedScales: [0, 1, 2],
  cross: 'full',
  mapCombination: 'finest',
};

const view = (score: 'maximum' | 'mean', overlap = 0.25): Extract<View, { kind: 'tiles' }> => ({
  kind: 'tiles',
  tile: [64, 64],
  overlap,
  score,
});

/** A model whose map is the picture's red channel, resized to its size by the nearest pixel, and whose score is its mean. */
function redness(runs: number[] = []): Session {
  return {
    inputNames: ['image'],
    outputNames: ['score', 'anomaly_map', 'score_map'],
    run({ image }: Feeds): Promise<Results> {
      const [count, height, width] = image.dims;
      runs.push(count);
      const at = (n: number, y: number, x: number): number =>
        Number(image.data[((n * height + Math.floor(y * height)) * width + Math.floor(x * width)) * 3]);
      const maps = (rows: number, columns: number): Float32Array =>
        Float32Array.from({ length: count * rows * columns }, (_, i) => {
          const [n, p] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
          return at(n, (Math.floor(p / columns) + 0.5) / rows, ((p % columns) + 0.5) / columns);
        });
      const scoreMap = maps(4, 4);
      const scores = Array.from(
        { length: count },
        (_, n) => scoreMap.subarray(16 * n, 16 * n + 16).reduce((a, b) => a + b) / 16,
      );
      return Promise.resolve({
        score: floatTensor([count], scores),
        anomaly_map: floatTensor([count, ...size], maps(...size)),
        score_map: floatTensor([count, 4, 4], scoreMap),
      });
    },
    close: () => Promise.resolve(),
  };
}

function picture(height: number, width: number, red: (y: number, x: number) => number) {
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) data[3 * i] = red(Math.floor(i / width), i % width);
  return { height, width, data };
}

describe('inspectTiles', () => {
  it.each([
    [1, 1],
    [1, 900],
    [7, 3],
    [1000, 70],
    [64, 64],
    [130, 200],
  ])(
    'gives a constant picture of %i × %i a constant map of its shape and its constant as score',
    async (h, w) => {
      for (const how of ['maximum', 'mean'] as const) {
        const { score, map, mapSize } = await inspectTiles(
          picture(h, w, () => 9),
          {
            session: redness(),
            configuration,
            view: view(how),
            lanes: 2,
          },
        );
        expect(score).toBeCloseTo(9, 5);
        expect(map).toHaveLength(mapSize[0] * mapSize[1]);
        expect(mapSize).toEqual([h, w].map((side) => Math.round((side * 128) / Math.min(64, side))));
        expect(map.every((value) => Math.abs(value - 9) < 1e-4)).toBe(true);
      }
    },
  );

  it('is the same however many runs go on side by side', async () => {
    const drawn = picture(150, 300, (y, x) => (y * 7 + x * 3) % 256);
    const runs: number[] = [];
    const options = { session: redness(runs), configuration, view: view('maximum', 0.5) };
    const [one, three] = [
      await inspectTiles(drawn, { ...options, lanes: 1 }),
      await inspectTiles(drawn, { ...options, lanes: 3 }),
    ];
    expect(three).toEqual(one);
    // 4 rows of 9 tiles, 16 at once, twice.
    expect(runs).toEqual([16, 16, 4, 16, 16, 4]);
  });

  it('finds a spot where it is, and the maximum over the tiles is that of its tile', async () => {
    const spot = picture(64, 300, (y, x) => (y >= 40 && y < 48 && x >= 258 && x < 266 ? 255 : 0));
    const { map, mapSize, score } = await inspectTiles(spot, {
      session: redness(),
      configuration,
      view: view('maximum'),
      lanes: 1,
    });
    map.forEach((value, p) => {
      const [y, x] = [Math.floor(p / mapSize[1]) * (64 / mapSize[0]), (p % mapSize[1]) * (300 / mapSize[1])];
      if (y > 41 && y < 46 && x > 259 && x < 264) expect(value).toBeCloseTo(255, 3);
      if (y < 38 || y > 50 || x < 256 || x > 268) expect(value).toBe(0);
    });
    // One of the last tile's 16 positions sees it.
    expect(score).toBeCloseTo(255 / 16, 5);
  });

  it('leaves out what lies outside a region, in score and map, and looks only where it is', async () => {
    const runs: number[] = [];
    const region = openRegion({
      kind: 'polygon',
      points: [
        [0, 0],
        [0.25, 0],
        [0.25, 1],
        [0, 1],
      ],
    });
    const bright = picture(64, 400, (_, x) => (x < 100 ? 10 : 200));
    for (const how of ['maximum', 'mean'] as const) {
      const { score, map, mapSize, inside } = await inspectTiles(bright, {
        session: redness(runs),
        configuration,
        view: view(how, 0),
        region,
        lanes: 1,
      });
      expect(score).toBeCloseTo(10, 5);
      map.forEach((value, p) => {
        const isInside = (p % mapSize[1]) + 0.5 < 0.25 * mapSize[1];
        expect(inside![p]).toBe(Number(isInside));
        if (!isInside) expect(value).toBe(0);
      });
      expect(map[0]).toBeCloseTo(10, 5);
    }
    // Tiles from 0 and from 36 cover the region's 100 columns.
    expect(runs).toEqual([2, 2]);
  });

  it('stops when told to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const looked = inspectTiles(
      picture(200, 200, () => 1),
      {
        session: redness(),
        configuration,
        view: view('mean'),
        lanes: 1,
        signal: controller.signal,
      },
    );
    await expect(looked).rejects.toThrow('enough');
  });
});
