import { describe, expect, it } from 'vitest';
import { branchesOf, mapSizeAt, type FlowConfiguration } from '#csflow/csflow/index.js';
import {
  explanationOf,
  type ExplainCircumstances,
  type FlowFacts,
  type ReadImage,
} from '#csflow/inspector/explain/explain-values.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

const configuration: FlowConfiguration = {
  channels: 4,
  mapSize: [8, 8],
  hidden: 2,
  kernels: [3],
  clamp: 3,
  gamma: true,
  usedScales: [0, 1, 2],
  cross: 'full',
};
const facts: FlowFacts = { configuration, transformLogDet: -100, standardised: true };
const mapSize = [64, 64] as const;

/** Latents of unit variance, with one position of scale 0 far off; the map is hot there. */
function drawnImage(of: FlowConfiguration = configuration): ReadImage {
  const random = new NumpyRandom(1);
  const latents = branchesOf(of).map(({ scale, channels }) => {
    const [height, width] = mapSizeAt(of, scale);
    return Float32Array.from({ length: channels * height * width }, () => random.normal());
  });
  const area = latents[0].length / branchesOf(of)[0].channels;
  for (let c = 0; c < branchesOf(of)[0].channels; c++) latents[0][c * area + 9] = c === 2 ? 30 : 5;
  const map = Float32Array.from({ length: 64 * 64 }, (_, i) => {
    const [y, x] = [Math.floor(i / 64), i % 64];
    return y >= 8 && y < 16 && x >= 8 && x < 16 ? 50 : 1;
  });
  const energy = latents.reduce((sum, z) => sum + z.reduce((part, value) => part + value * value, 0), 0) / 2;
  const values = latents.reduce((sum, { length }) => sum + length, 0);
  return { score: energy / values, map, inputs: latents.map((z) => z.slice()), latents };
}

/** The flow that changes nothing: what it reads is what it gives. */
const identity: ExplainCircumstances = {
  picture: { width: 128, height: 64 },
  mapSize,
  pixelThreshold: 10,
  invert: (images) =>
    Promise.resolve(images.map((latents) => ({ features: latents, logDets: latents.map(() => 2) }))),
};

describe('an explanation', () => {
  it('divides the score among the scales', async () => {
    const image = drawnImage();
    const { scales, score } = await explanationOf(image, facts, identity);
    expect(scales.map(({ scale, mapSize: size }) => [scale, ...size])).toEqual([
      [0, 8, 8],
      [1, 4, 4],
      [2, 2, 2],
    ]);
    expect(scales.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(scales.reduce((sum, part) => sum + part.score, 0)).toBeCloseTo(score, 9);
    // 4 · 4 of 4 · (64 + 16 + 4) values.
    expect(scales[1].score).toBeCloseTo((scales[1].meanEnergy * 64) / 336, 12);
    expect(scales[0].map[9]).toBeCloseTo((3 * 25 + 900) / 4, 4);
  });

  it('finds the region, its share of the score and its place in the picture', async () => {
    const image = drawnImage();
    const { regions, regionsFrom } = await explanationOf(image, facts, identity);
    expect(regionsFrom).toBe('pixel threshold');
    expect(regions).toHaveLength(1);
    expect(regions[0].box).toEqual({ x: 16, y: 8, width: 16, height: 8 });
    expect(regions[0].positions).toEqual([1, 1, 1]);
    expect(regions[0].area).toBeCloseTo(64 / 4096, 12);
    const squares = (branch: number, area: number, position: number): number =>
      [0, 1, 2, 3].reduce((sum, c) => sum + image.latents[branch][c * area + position] ** 2, 0);
    const inside = squares(0, 64, 9) + squares(1, 16, 0) + squares(2, 4, 0);
    expect(regions[0].shareOfScore).toBeCloseTo(inside / 2 / (image.score * 336), 6);
  });

  it('expects the mode in place of the region, and what it saw elsewhere', async () => {
    const image = drawnImage();
    const { expected, scales, regions, roundTrip } = await explanationOf(image, facts, identity);
    expect(expected).toMatchObject({ outside: 0, unit: 'deviations' });
    expect(scales[0].distance[9]).toBeCloseTo((3 * 25 + 900) / 4, 4);
    expect(scales[0].distance.filter((value) => value > 0)).toHaveLength(1);
    expect(regions[0].distance).toBeCloseTo(expected.inside, 12);
    expect(regions[0].channels[0]).toEqual({ scale: 0, channel: 2, seen: 30, expected: 0 });
    expect(roundTrip).toEqual({ largestError: 0, largestLatent: 30, reliable: true });
  });

  it('adds the log-determinants to score and density as the formulas say', async () => {
    const image = drawnImage();
    const explanation = await explanationOf(image, facts, identity);
    const energy = image.score * 336;
    expect(explanation.logDet).toBe(6);
    expect(explanation.scoreWithLogDet).toBeCloseTo((energy - 6) / 336, 9);
    const logProb = -energy - 168 * Math.log(2 * Math.PI) + 6 - 100;
    expect(explanation.bitsPerDimension).toBeCloseTo(-logProb / Math.LN2 / 336, 9);
  });

  it("looks at the map's highest hundredth where nothing is above the threshold, or there is none", async () => {
    for (const pixelThreshold of [60, undefined]) {
      const { regions, regionsFrom } = await explanationOf(drawnImage(), facts, {
        ...identity,
        pixelThreshold,
      });
      expect(regionsFrom).toBe('highest hundredth');
      // A sixty-fourth of the map is as high as its highest.
      expect(regions.map(({ peak, positions }) => [peak, ...positions])).toEqual([[50, 1, 1, 1]]);
    }
  });

  it('says when the inverse does not give features back', async () => {
    const inexact: ExplainCircumstances = {
      ...identity,
      invert: async (images) =>
        (await identity.invert(images)).map((inverted) => ({
          ...inverted,
          features: inverted.features.map((values) => values.map((value) => value + 0.02)),
        })),
    };
    const { roundTrip } = await explanationOf(drawnImage(), facts, inexact);
    expect(roundTrip.largestError).toBeCloseTo(0.02, 5);
    expect(roundTrip.reliable).toBe(false);
    const undefinedValues: ExplainCircumstances = {
      ...identity,
      invert: async (images) =>
        (await identity.invert(images)).map((inverted) => ({
          ...inverted,
          features: inverted.features.map((values) => values.map(() => NaN)),
        })),
    };
    const { roundTrip: none } = await explanationOf(drawnImage(), facts, undefinedValues);
    expect(none).toMatchObject({ largestError: NaN, reliable: false });
    const cut = drawnImage();
    cut.latents[2][0] = 1e6;
    cut.inputs[2][0] = 1e6;
    expect((await explanationOf(cut, facts, identity)).roundTrip.reliable).toBe(false);
  });

  it('has no density where scales are joined, and names the scale of each joined channel', async () => {
    const joined: FlowConfiguration = { ...configuration, cross: 'concat' };
    const explanation = await explanationOf(
      drawnImage(joined),
      { configuration: joined, transformLogDet: undefined, standardised: false },
      identity,
    );
    expect(explanation.bitsPerDimension).toBeUndefined();
    expect(explanation.expected.unit).toBe('features');
    expect(explanation.scales).toHaveLength(1);
    expect(explanation.regions[0].channels.map(({ scale, channel }) => [scale, channel])).toContainEqual([
      0, 2,
    ]);
    expect(new Set(explanation.regions[0].channels.map(({ scale }) => scale)).size).toBeGreaterThan(1);
  });
});
