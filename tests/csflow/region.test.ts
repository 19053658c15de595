import { describe, expect, it } from 'vitest';
import {
  anomalyMap,
  anomalyScore,
  csFlow,
  mapSizeAt,
  negativeLogLikelihood,
  parameterSpecs,
  scoreMap,
  mapCombinations,
  toLatents,
  type CountedRegion,
  type CrossScale,
  type FlowConfiguration,
  type MapCombination,
} from '#csflow/csflow/index.js';
import {
  evaluate,
  input,
  permutations,
  transpose,
  type Float64Tensor,
  type Layout,
  type Node,
} from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { featureInputs } from '#csflow/training/index.js';
import { doubles, drawnMaps, drawnParameters } from '../flow/drawn-flows.js';

const base: FlowConfiguration = {
  channels: 4,
  mapSize: [4, 8],
  hidden: 3,
  kernels: [1, 1],
  clamp: 3,
  gamma: true,
};

/** The left `columns` of maps [N, C, H, W]. */
function leftOf({ dims, data }: Float64Tensor, columns: number): Float64Tensor {
  const [n, c, h, w] = dims;
  return { dims: [n, c, h, columns], data: data.filter((_, i) => i % w < columns) };
}

/** The loss in double precision; where shares are given, each position counts by its own. */
function lossOf(
  configuration: FlowConfiguration,
  features: readonly Float64Tensor[],
  layout: Layout,
  counted?: { readonly shares: readonly Float64Tensor[]; readonly meanShare: number },
): number {
  const batch = features[0].dims[0];
  const nodes = new Map(parameterSpecs(configuration).map(({ name, dims }) => [name, input(name, dims)]));
  const parameter = (name: string): Node => {
    const node = nodes.get(name)!;
    const inHwnc = layout === 'HWNC' && node.type.dims.length === 4;
    return inHwnc ? transpose(node, permutations.weightsToHwio) : node;
  };
  const shares = counted?.shares.map(({ dims }, s) => {
    const share = input(`w${s}`, dims);
    return layout === 'HWNC' ? transpose(share, permutations.toHwnc) : share;
  });
  const flow = csFlow(configuration, parameter, layout, shares);
  const latents = toLatents(flow, featureInputs(configuration, batch), layout);
  const loss = negativeLogLikelihood(
    latents,
    configuration,
    batch,
    layout,
    shares && { shares, meanShare: counted!.meanShare },
  );
  const parameters = doubles(drawnParameters({ configuration, seed: 7, trained: true }), configuration);
  const feeds = Object.fromEntries(features.map((x, s) => [`x${s}`, x]));
  const weights = Object.fromEntries((counted?.shares ?? []).map((share, s) => [`w${s}`, share]));
  return evaluate({ loss }, { ...parameters, ...feeds, ...weights }).loss.data[0];
}

const sharesWhere = (inside: (column: number, columns: number) => number, samples: number) =>
  [0, 1, 2].map((s): Float64Tensor => {
    const [height, width] = mapSizeAt(base, s);
    const length = samples * height * width;
    return {
      dims: [samples, 1, height, width],
      data: Float64Array.from({ length }, (_, i) => inside(i % width, width)),
    };
  });

describe.each(['NCHW', 'HWNC'] as const)('the loss of a region, in %s', (layout) => {
  const features = drawnMaps({ configuration: base, seed: 3, trained: true }, 2);

  it('is the plain one where everything is inside', () => {
    for (const cross of ['full', 'none'] as readonly CrossScale[]) {
      const configuration = { ...base, kernels: [3, 1], cross };
      const all = { shares: sharesWhere(() => 1, 2), meanShare: 1 };
      expect(lossOf(configuration, features, layout, all)).toBeCloseTo(
        lossOf(configuration, features, layout),
        10,
      );
    }
  });

  it('is that of the maps cut to the region, where positions do not see each other', () => {
    const configuration: FlowConfiguration = { ...base, cross: 'none' };
    const cut: FlowConfiguration = { ...configuration, mapSize: [4, 4] };
    const left = { shares: sharesWhere((x, width) => Number(x < width / 2), 2), meanShare: 0.5 };
    const ofCut = lossOf(
      cut,
      features.map((map) => leftOf(map, map.dims[3] / 2)),
      layout,
    );
    expect(lossOf(configuration, features, layout, left)).toBeCloseTo(ofCut, 10);
    expect(lossOf(configuration, features, layout)).not.toBeCloseTo(ofCut, 3);
  });
});

describe('score and map of a region', () => {
  const size = [128, 256] as const;
  /** Left half, and half of the column beside it. */
  const shareOf = (x: number, width: number): number => Math.min(1, Math.max(0, (0.5625 * width - x) / 1));
  const region: CountedRegion = {
    shares: sharesWhere(shareOf, 1).map(({ data }) => Float32Array.from(data)),
    inside: Uint8Array.from({ length: 128 * 256 }, (_, i) => Number(i % 256 < 144)),
  };
  const everything: CountedRegion = {
    shares: sharesWhere(() => 1, 1).map(({ data }) => Float32Array.from(data)),
    inside: new Uint8Array(128 * 256).fill(1),
  };
  const latentsOf = (configuration: FlowConfiguration): readonly Float64Tensor[] => {
    const maps = drawnMaps({ configuration: base, seed: 5, trained: true }, 2);
    const used = configuration.usedScales ?? [0, 1, 2];
    if (configuration.cross !== 'concat') return used.map((scale) => maps[scale]);
    const random = new NumpyRandom(9);
    const dims = [2, 4 * used.length, ...mapSizeAt(base, used[0])];
    const length = dims.reduce((a, b) => a * b);
    return [{ dims, data: Float64Array.from({ length }, () => random.normal()) }];
  };
  const run = (
    configuration: FlowConfiguration,
    z: readonly Float64Tensor[],
    counted?: CountedRegion,
    combination: MapCombination = 'mean',
  ) => {
    const nodes = z.map(({ dims }, i) => input(`z${i}`, dims));
    return evaluate(
      {
        score: anomalyScore(nodes, configuration, counted),
        map: anomalyMap(nodes, configuration, size, combination, counted),
        scoreMap: scoreMap(nodes, configuration),
      },
      Object.fromEntries(z.map((tensor, i) => [`z${i}`, tensor])),
    );
  };
  const configurations: readonly (readonly [string, FlowConfiguration])[] = [
    ['three scales', base],
    ['three flows', { ...base, cross: 'none' }],
    ['one joined map', { ...base, cross: 'concat' }],
    ['the second scale alone', { ...base, usedScales: [1] }],
  ];

  it.each(configurations)('are the plain ones where everything is inside: %s', (_, configuration) => {
    const z = latentsOf(configuration);
    const [plain, counted] = [run(configuration, z), run(configuration, z, everything)];
    for (const name of ['score', 'map'] as const) {
      counted[name].data.forEach((value, i) => expect(value).toBeCloseTo(plain[name].data[i], 6));
    }
  });

  it.each(configurations)(
    'the score map holds the score, and the score of the region: %s',
    (_, configuration) => {
      const z = latentsOf(configuration);
      const finest = configuration.usedScales?.[0] ?? 0;
      const { score, scoreMap: map } = run(configuration, z);
      const counted = run(configuration, z, region).score;
      const positions = map.data.length / 2;
      for (const sample of [0, 1]) {
        const values = map.data.subarray(sample * positions, (sample + 1) * positions);
        const shares = region.shares[finest];
        expect(values.reduce((a, b) => a + b) / positions).toBeCloseTo(score.data[sample], 6);
        const inside = values.reduce((sum, value, p) => sum + value * shares[p], 0);
        expect(inside / shares.reduce((a, b) => a + b)).toBeCloseTo(counted.data[sample], 6);
      }
      expect(counted.data[0]).not.toBeCloseTo(score.data[0], 3);
    },
  );

  it.each(mapCombinations)('do not see what is outside, and the map is 0 there: %s', (combination) => {
    const z = latentsOf(base);
    const changed = z.map(({ dims, data }): Float64Tensor => {
      const width = dims[3];
      return { dims, data: data.map((value, i) => (shareOf(i % width, width) === 0 ? 100 : value)) };
    });
    const [before, after] = [z, changed].map((latents) => run(base, latents, region, combination));
    expect(after.score.data).toEqual(before.score.data);
    expect(after.map.data).toEqual(before.map.data);
    expect(run(base, changed).score.data[0]).toBeGreaterThan(100);
    after.map.data.forEach((value, i) => {
      if (i % 256 >= 144) expect(value).toBe(0);
      else expect(value).toBeGreaterThan(0);
    });
  });
});
