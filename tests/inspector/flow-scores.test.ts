import { afterAll, describe, expect, it } from 'vitest';
import { initialParameters } from '#csflow/csflow/index.js';
import { openFlowScoring } from '#csflow/inspector/flow-scores.js';
import type { TrainedFlow } from '#csflow/inspector/trained-flow.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { fitStandardisation, type FeatureSet } from '#csflow/training/index.js';
import { drawnFeatures, smallConfiguration } from '../training/drawn-features.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());
const features = drawnFeatures(11);
const parameters = initialParameters(smallConfiguration, 3);

/** Gammas of 0 leave features as they are; others make a flow that has learned something. */
function flowOf(gamma: number): TrainedFlow {
  return {
    configuration: smallConfiguration,
    standardisation: fitStandardisation(features),
    parameters: new Map(
      [...parameters].map(([name, values]) => [
        name,
        name.includes('gamma') ? values.map(() => gamma) : values,
      ]),
    ),
  };
}

/** Of scale 0 the first columns count, by a share; the coarser ones accordingly. */
function withShares(columns: readonly number[]): FeatureSet {
  const coarser = (row: readonly number[]) =>
    Array.from({ length: row.length / 2 }, (_, i) => (row[2 * i] + row[2 * i + 1]) / 2);
  const rows = [columns, coarser(columns), coarser(coarser(columns))];
  const shares = rows.map((row, s) =>
    Float32Array.from({ length: features.count * (4 >> s) * row.length }, (_, i) => row[i % row.length]),
  );
  return { ...features, shares };
}

const scoresOf = async (flow: TrainedFlow, of: FeatureSet) => {
  const scoring = await openFlowScoring(flow, of.shares !== undefined, device);
  try {
    return await scoring.score(of);
  } finally {
    await scoring.close();
  }
};

describe('openFlowScoring', () => {
  it('counts all positions alike where all have a share of 1', async () => {
    const flow = flowOf(0.4);
    const [plain, counted] = [
      await scoresOf(flow, features),
      await scoresOf(flow, withShares(Array(8).fill(1))),
    ];
    expect(plain.scores).toHaveLength(11);
    for (const name of ['scores', 'nats', 'shares'] as const) {
      plain[name].forEach((value, i) => expect(counted[name][i]).toBeCloseTo(value, 5));
    }
    // The log-dets say something, else this would show nothing.
    const untouched = await scoresOf(flowOf(0), features);
    expect(Math.abs(plain.nats[0] - untouched.nats[0])).toBeGreaterThan(1e-3);
  });

  it('is the sum of what counts and what does not, log-dets included', async () => {
    const flow = flowOf(0.4);
    const columns = [1, 0.75, 1, 0.5, 0.25, 0, 0, 0.125];
    const [all, inside, outside] = await Promise.all(
      [features, withShares(columns), withShares(columns.map((share) => 1 - share))].map((of) =>
        scoresOf(flow, of),
      ),
    );
    for (const name of ['scores', 'nats'] as const) {
      all[name].forEach((value, i) => {
        const parts = [inside, outside].map((part) => part.shares[i] * part[name][i]);
        expect(parts[0] + parts[1]).toBeCloseTo(value, 5);
      });
    }
  });

  it('means over what counts: of a flow that changes nothing, its features and their deviations', async () => {
    const flow = flowOf(0);
    const set = withShares([1, 1, 1, 0.5, 0, 0, 0, 0]);
    const { scores, nats, shares } = await scoresOf(flow, set);
    for (let i = 0; i < set.count; i++) {
      let [energy, logs, counted] = [0, 0, 0];
      set.scales.forEach((values, s) => {
        const [height, width] = set.mapSizes[s];
        const area = height * width;
        const { mean, deviation } = flow.standardisation.scales[s];
        for (let c = 0; c < set.channels; c++) {
          for (let p = 0; p < area; p++) {
            const share = set.shares![s][i * area + p];
            const z = (values[(i * set.channels + c) * area + p] - mean[c]) / deviation[c];
            energy += (share * z * z) / 2;
            logs += share * Math.log(deviation[c]);
            counted += share;
          }
        }
      });
      expect(scores[i]).toBeCloseTo(energy / counted, 5);
      expect(nats[i]).toBeCloseTo((energy + logs) / counted, 5);
      expect(shares[i]).toBeCloseTo(3.5 / 8, 6);
    }
  });
});
