import { afterAll, describe, expect, it } from 'vitest';
import {
  anomalyMap,
  branchesOf,
  mapCombinations,
  mapSizeAt,
  type FlowConfiguration,
  type MapCombination,
} from '#csflow/csflow/index.js';
import { evaluate, input, lower, writeOnnx, type Float64Tensor } from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor } from '#csflow/tensor/tensor.js';
import { relativeDifference } from './golden-case.js';

const device = createLocalDevice();
afterAll(() => device.close());

const configuration: FlowConfiguration = {
  channels: 3,
  mapSize: [4, 8],
  hidden: 2,
  kernels: [3],
  clamp: 3,
  gamma: true,
};
const size = [20, 27] as const;
const batch = 2;

/** Latents of each branch, some of them large. */
function drawnLatents(of: FlowConfiguration): readonly Float64Tensor[] {
  const random = new NumpyRandom(7);
  return branchesOf(of).map(({ scale, channels }) => {
    const dims = [batch, channels, ...mapSizeAt(of, scale)];
    const length = dims.reduce((a, b) => a * b, 1);
    return { dims, data: Float64Array.from({ length }, () => Math.fround(random.normal() * (1 + scale))) };
  });
}

/** PyTorch's interpolate(mode="bilinear", align_corners=False) at one place of one map. */
function bilinear(read: (y: number, x: number) => number, from: readonly number[], y: number, x: number) {
  const place = (i: number, axis: 0 | 1): readonly [number, number, number] => {
    const position = Math.max(0, ((i + 0.5) * from[axis]) / size[axis] - 0.5);
    const low = Math.min(Math.floor(position), from[axis] - 1);
    return [low, Math.min(low + 1, from[axis] - 1), position - low];
  };
  const [top, bottom, down] = place(y, 0);
  const [left, right, across] = place(x, 1);
  const upper = read(top, left) * (1 - across) + read(top, right) * across;
  const lower = read(bottom, left) * (1 - across) + read(bottom, right) * across;
  return upper * (1 - down) + lower * down;
}

const combined: Readonly<Record<MapCombination, (values: readonly number[]) => number>> = {
  finest: ([first]) => first,
  mean: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  // anomalib multiplies the maps; the root keeps the order and the unit.
  product: (values) => values.reduce((a, b) => a * b, 1) ** (1 / values.length),
  max: (values) => Math.max(...values),
};

function bruteForce(
  z: readonly Float64Tensor[],
  combine: (values: readonly number[]) => number,
): readonly number[] {
  const map: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < size[0]; y++) {
      for (let x = 0; x < size[1]; x++) {
        const values = z.map(({ dims: [, channels, height, width], data }) => {
          const meanSquare = (row: number, column: number): number => {
            let sum = 0;
            for (let c = 0; c < channels; c++) {
              sum += data[((n * channels + c) * height + row) * width + column] ** 2;
            }
            return sum / channels;
          };
          return bilinear(meanSquare, [height, width], y, x);
        });
        map.push(combine(values));
      }
    }
  }
  return map;
}

function mapProgram(of: FlowConfiguration, z: readonly Float64Tensor[], combination: MapCombination) {
  const inputs = z.map(({ dims }, i) => input(`z${i}`, ['N', ...dims.slice(1)]));
  return { map: anomalyMap(inputs, of, size, combination) };
}

describe('anomalyMap', () => {
  const ablations: readonly [string, Partial<FlowConfiguration>][] = [
    ['all scales', {}],
    ['without cross-connections', { cross: 'none' }],
    ['two scales', { usedScales: [1, 2] }],
    ['one scale', { usedScales: [1] }],
    ['concatenated', { cross: 'concat' }],
  ];
  const cases = ablations.flatMap(([name, change]) =>
    mapCombinations.map((combination) => [name, combination, { ...configuration, ...change }] as const),
  );

  it.each(cases)('of %s by %s equals a brute-force computation', (_, combination, of) => {
    const z = drawnLatents(of);
    const feeds = Object.fromEntries(z.map((part, i) => [`z${i}`, part]));
    const { map } = evaluate(mapProgram(of, z, combination), feeds);
    expect(map.dims).toEqual([batch, ...size]);
    expect(relativeDifference(map.data, bruteForce(z, combined[combination]))).toBeLessThan(1e-6);
  });

  it.each(mapCombinations)(
    'by %s is the same in ONNX Runtime, latents of 0 and 1e6 included',
    async (combination) => {
      const z = drawnLatents(configuration);
      z[1].data.fill(0, 0, z[1].data.length / batch);
      z[2].data.fill(1e6);
      const session = await device.compile(writeOnnx(lower(mapProgram(configuration, z, combination))));
      const feeds = z.map(
        ({ dims, data }, i) => [`z${i}`, floatTensor(dims, Float32Array.from(data))] as const,
      );
      // The finest map reads the first latents alone.
      const read = feeds.filter(([name]) => session.inputNames.includes(name));
      const results = await session.run(Object.fromEntries(read));
      await session.close();
      const expected = bruteForce(z, combined[combination]);
      expect(relativeDifference(valuesOf(results, 'map', 'float32'), expected)).toBeLessThan(1e-5);
    },
  );
});
