import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapSizeAt } from '#csflow/csflow/index.js';
import type { RgbImage } from '#csflow/data/types.js';
import * as g from '#csflow/graph/index.js';
import { innerNames } from '#csflow/inspector/detector-program.js';
import { explainImage, openExplainer } from '#csflow/inspector/explain/explainer.js';
import { openFlowModel } from '#csflow/inspector/flow-model.js';
import { openInspector } from '#csflow/inspector/inspector.js';
import { encodeEntry } from '#csflow/inspector/model-metadata.js';
import type { TrainedModel } from '#csflow/inspector/train.node.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { floatTensor, type FloatTensor } from '#csflow/tensor/tensor.js';
import { drawParts, trainTiny, type DrawnParts } from './trained-model.js';

const device = createLocalDevice();
let parts: DrawnParts;
let trained: TrainedModel;
let picture: RgbImage;
beforeAll(async () => {
  parts = await drawParts(10);
  trained = await trainTiny(parts.data, device, { size: [256, 256] });
  [picture] = await parts.pictures('missing');
});
afterAll(async () => {
  await device.close();
  await parts.remove();
});

/** The picture's features as the backbone gives them: what the flow reads, with the standardisation undone. */
async function featuresOf(): Promise<readonly FloatTensor[]> {
  const { configuration, standardisation } = trained.flow;
  const names = innerNames(configuration).inputs;
  const session = await device.compile(g.withOnnxOutputs(trained.model, names, 'parts.onnx'));
  const { width, height, data } = picture;
  const results = await session.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
  await session.close();
  return names.map((name, s) => {
    const [rows, columns] = mapSizeAt(configuration, s);
    const { mean, deviation } = standardisation.scales[s];
    const values = valuesOf(results, name, 'float32').map((value, i) => {
      const channel = Math.floor(i / (rows * columns));
      return value * deviation[channel] + mean[channel];
    });
    return floatTensor([1, configuration.channels, rows, columns], values);
  });
}

describe('explaining an image', () => {
  it('starts from the verdict that inspect gives, and divides its score', async () => {
    const inspector = await openInspector(trained.model, device, 'parts.onnx');
    const verdict = await inspector.inspect(picture);
    await inspector.close();
    const explanation = await explainImage(trained.model, picture, device, 'parts.onnx');
    expect(explanation.score / verdict.score).toBeCloseTo(1, 6);
    expect(explanation).toMatchObject({ pValue: verdict.pValue, defective: verdict.defective });
    expect(explanation.scales.map(({ mapSize }) => mapSize)).toEqual([
      [8, 8],
      [4, 4],
      [2, 2],
    ]);
    const sum = explanation.scales.reduce((all, { score }) => all + score, 0);
    expect(sum / verdict.score).toBeCloseTo(1, 5);
    expect(explanation.scales.every(({ share }) => share > 0)).toBe(true);
  });

  it('gives each part one vote in the p-value where parts have several pictures, as inspect does', async () => {
    const { score } = await explainImage(trained.model, picture, device, 'parts.onnx');
    // One part below the picture's score, and another with three pictures above it.
    const calibration = {
      ...trained.metadata.calibration,
      scores: [score / 2, score * 2, score * 3, score * 4],
      groups: [0, 1, 1, 1],
    };
    const model = g.withOnnxMetadata(
      trained.model,
      { ...g.readOnnxMetadata(trained.model, 'parts.onnx'), ...encodeEntry('calibration', calibration) },
      'parts.onnx',
    );
    const inspector = await openInspector(model, device, 'parts.onnx');
    const { pValue } = await inspector.inspect(picture);
    await inspector.close();
    expect(pValue).toBeCloseTo((1 + 1) / (2 + 1), 12);
    expect((await explainImage(model, picture, device, 'parts.onnx')).pValue).toBe(pValue);
  });

  it('has the bits per dimension of the flow as a density over the features', async () => {
    const explanation = await explainImage(trained.model, picture, device, 'parts.onnx');
    const density = await openFlowModel(trained.flow, device);
    const [bits] = await density.bitsPerDimension(await featuresOf());
    await density.close();
    expect(explanation.bitsPerDimension).toBeCloseTo(bits, 5);
  });

  it('gives features back exactly, and expects others in the region than it saw', async () => {
    const { roundTrip, expected, regions } = await explainImage(trained.model, picture, device, 'parts.onnx');
    expect(roundTrip.largestError).toBeLessThan(1e-3);
    expect(roundTrip.reliable).toBe(true);
    expect(expected.unit).toBe('deviations');
    expect(expected.inside).toBeGreaterThan(0.1);
    expect(regions.reduce((sum, { shareOfScore }) => sum + shareOfScore, 0)).toBeLessThanOrEqual(1);
    for (const { box, positions, channels } of regions) {
      expect(box.x + box.width).toBeLessThanOrEqual(128);
      expect(Math.min(...positions)).toBeGreaterThan(0);
      expect(channels).toHaveLength(5);
    }
  });

  it('explains several images with one opening, each as alone', async () => {
    const [good] = await parts.pictures('good');
    const explainer = await openExplainer(trained.model, device, 'parts.onnx');
    const first = await explainer.explain(picture);
    await explainer.explain(good);
    expect(await explainer.explain(picture)).toEqual(first);
    await explainer.close();
  });

  it.each([
    ['one scale', { scales: '1' }, [1]],
    ['three flows', { cross: 'none' }, [0, 1, 2]],
    ['joined scales', { cross: 'concat' }, [0]],
    ['no gamma', { gamma: false }, [0, 1, 2]],
    ["the paper's recipe", { recipe: 'paper' }, [0, 1, 2]],
  ] as const)('works for a model of %s', async (name, choices, scales) => {
    const { model } = await trainTiny(parts.data, device, { ...choices, epochs: 2 });
    const explanation = await explainImage(model, picture, device, 'ablation.onnx');
    expect(explanation.scales.map(({ scale }) => scale)).toEqual(scales);
    const sum = explanation.scales.reduce((all, { score }) => all + score, 0);
    expect(sum / explanation.score).toBeCloseTo(1, 5);
    expect(explanation.roundTrip.reliable).toBe(true);
    expect(explanation.bitsPerDimension === undefined).toBe(name === 'joined scales');
    expect(explanation.expected.unit).toBe(name === "the paper's recipe" ? 'features' : 'deviations');
  });
});
