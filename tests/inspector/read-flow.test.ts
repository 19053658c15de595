import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type TensorProto } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branchesOf, mapSizeAt } from '#csflow/csflow/index.js';
import { UserError } from '#csflow/errors.js';
import * as g from '#csflow/graph/index.js';
import { detectorProgram, writeDetector } from '#csflow/inspector/detector-program.js';
import { openFlowModel } from '#csflow/inspector/flow-model.js';
import { openInspector } from '#csflow/inspector/inspector.js';
import { encodeMetadata } from '#csflow/inspector/model-metadata.js';
import { readModel, readTrainedFlow } from '#csflow/inspector/read-flow.js';
import type { TrainedModel } from '#csflow/inspector/train.node.js';
import type { TrainedFlow } from '#csflow/inspector/trained-flow.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf } from '#csflow/runtime/session.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { floatTensor, type FloatTensor } from '#csflow/tensor/tensor.js';
import { relativeDifference } from '../csflow/golden-case.js';
import { countedDevice } from '../runtime/counted-device.js';
import { drawParts, trainTiny, type DrawnParts } from './trained-model.js';

const device = createLocalDevice();
let parts: DrawnParts;
let trained: TrainedModel;
beforeAll(async () => {
  parts = await drawParts(10);
  trained = await trainTiny(parts.data, device);
});
afterAll(async () => {
  await device.close();
  await parts.remove();
});

/** Features such as the standardisation expects them. */
function drawnFeatures({ configuration, standardisation }: TrainedFlow): readonly FloatTensor[] {
  const random = new NumpyRandom(4);
  return standardisation.scales.map(({ mean, deviation }, s) => {
    const [height, width] = mapSizeAt(configuration, s);
    const area = height * width;
    const data = Float32Array.from({ length: 2 * configuration.channels * area }, (_, i) => {
      const channel = Math.floor(i / area) % configuration.channels;
      return mean[channel] + deviation[channel] * random.normal();
    });
    return floatTensor([2, configuration.channels, height, width], data);
  });
}

const meanEnergy = (z: readonly FloatTensor[]): number =>
  z.reduce((sum, { data }) => data.reduce((part, value) => part + value * value, sum), 0);

describe('a flow read back from its model file', () => {
  it('gives the same latents, score, log-determinant and inverse as the one that training gave', async () => {
    const read = readTrainedFlow(trained.model, 'parts.onnx');
    expect([...read.parameters.values()].some((values) => values.length === 1 && values[0] !== 1)).toBe(true);
    const x = drawnFeatures(trained.flow);
    const [before, after] = [await openFlowModel(trained.flow, device), await openFlowModel(read, device)];
    const [z, zRead] = [await before.toLatents(x), await after.toLatents(x)];
    z.forEach(({ data }, s) => expect(relativeDifference(zRead[s].data, data)).toBeLessThanOrEqual(1e-5));
    expect(meanEnergy(zRead) / meanEnergy(z)).toBeCloseTo(1, 5);
    const [p, pRead] = [await before.logProb(x), await after.logProb(x)];
    expect(relativeDifference(pRead, p)).toBeLessThanOrEqual(1e-5);
    const [back, backRead] = [await before.fromLatents(z), await after.fromLatents(z)];
    back.forEach(({ data }, s) =>
      expect(relativeDifference(backRead[s].data, data)).toBeLessThanOrEqual(1e-5),
    );
    await before.close();
    await after.close();
  });

  it('has every parameter to the last digits of single precision', () => {
    const { flow } = readModel(trained.model, 'parts.onnx');
    for (const [name, values] of trained.flow.parameters)
      expect(relativeDifference(flow.parameters.get(name)!, values), name).toBeLessThanOrEqual(2e-7);
    flow.standardisation.scales.forEach(({ mean, deviation }, s) => {
      const expected = trained.flow.standardisation.scales[s];
      expect(mean).toEqual(expected.mean);
      expect(relativeDifference(deviation, expected.deviation)).toBeLessThanOrEqual(2e-7);
    });
    expect(flow.configuration).toMatchObject(trained.flow.configuration);
  });

  it.each([
    ['without gamma', { gamma: false }],
    ['of one scale', { scales: '1' }],
    ['of three flows', { cross: 'none' }],
    ['of joined scales', { cross: 'concat' }],
    ["by the paper's recipe", { recipe: 'paper', learningRate: 1e-3 }],
  ] as const)('works for a model %s', async (_, choices) => {
    const { model, flow } = await trainTiny(parts.data, device, { ...choices, epochs: 2 });
    const read = readTrainedFlow(model, 'ablation.onnx');
    for (const [name, values] of flow.parameters)
      expect(relativeDifference(read.parameters.get(name)!, values), name).toBeLessThanOrEqual(2e-7);
    const used = choices !== undefined && 'scales' in choices ? [1] : [0, 1, 2];
    for (const s of used)
      expect(read.standardisation.scales[s].mean).toEqual(flow.standardisation.scales[s].mean);
  });
});

describe('a model file', () => {
  it('names the latents that its score is made of', async () => {
    const [picture] = await parts.pictures('scratch');
    const names = branchesOf(trained.flow.configuration).map(({ scale }) => `z${scale}`);
    const session = await device.compile(g.withOnnxOutputs(trained.model, ['score', ...names], 'parts.onnx'));
    const image = {
      dtype: 'uint8',
      dims: [1, picture.height, picture.width, 3],
      data: picture.data,
    } as const;
    const results = await session.run({ image });
    const z = names.map((name) => valuesOf(results, name, 'float32'));
    const values = z.reduce((sum, { length }) => sum + length, 0);
    const energy = z.reduce((sum, part) => part.reduce((all, value) => all + value * value, sum), 0) / 2;
    expect(energy / values).toBeCloseTo(valuesOf(results, 'score', 'float32')[0], 5);
    await session.close();
  });

  it('gives the same score when written again from what was read out of it', async () => {
    const { metadata, flow, backbone } = readModel(trained.model, 'parts.onnx');
    const { size, backbone: choice, mapCombination: combination } = metadata.configuration;
    const program = detectorProgram(flow, { combination, size }, choice, backbone, {
      view: metadata.view,
    });
    const again = writeDetector(program, flow.configuration, encodeMetadata(metadata));
    expect(Math.abs(again.length - trained.model.length)).toBeLessThan(100);
    const [picture] = await parts.pictures('stain');
    const scores: number[] = [];
    for (const model of [trained.model, again]) {
      const inspector = await openInspector(model, device, 'parts.onnx');
      scores.push((await inspector.inspect(picture)).score);
      await inspector.close();
    }
    expect(scores[1] / scores[0]).toBeCloseTo(1, 6);
  });

  it('is looked by in a session that is compiled already', async () => {
    const [picture] = await parts.pictures('stain');
    const own = await openInspector(trained.model, device, 'parts.onnx');
    const compilesNothing = countedDevice(device, { compile: 1 });
    const session = device.compile(trained.model);
    const given = await openInspector(trained.model, compilesNothing, 'parts.onnx', { session });
    expect((await given.inspect(picture)).score).toBe((await own.inspect(picture)).score);
    await own.close();
    await given.close();
  });
});

/** The model with one of its constants changed, or taken away where `change` says so. */
function damaged(change: (constant: TensorProto) => boolean): Uint8Array {
  const model = fromBinary(ModelProtoSchema, trained.model);
  model.graph!.initializer = model.graph!.initializer.filter(change);
  return toBinary(ModelProtoSchema, model);
}

describe('a damaged or foreign file', () => {
  const name = 'blocks.0.s1.conv_scale0_0.weight';

  it('says which weights are missing', () => {
    const model = damaged((constant) => constant.name !== name);
    expect(() => readModel(model, 'cut.onnx')).toThrow(UserError);
    expect(() => readModel(model, 'cut.onnx')).toThrow(
      /^cut\.onnx: expected its weights blocks\.0\.s1\.conv_scale0_0\.weight of \[8, 96, 3, 3\], got none/,
    );
  });

  it('says which weights are no numbers, or of another size', () => {
    const holes = damaged((constant) => {
      if (constant.name === name) constant.rawData = new Uint8Array(constant.rawData.length).fill(255);
      return true;
    });
    expect(() => readModel(holes, 'holes.onnx')).toThrow(/holes\.onnx: its weights .* hold NaN/);
    const short = damaged((constant) => {
      if (constant.name === name) constant.rawData = constant.rawData.slice(0, 8);
      return true;
    });
    expect(() => readModel(short, 'short.onnx')).toThrow(
      /constant .* is damaged: expected 27648 bytes, got 8/,
    );
  });

  it('says that it is no model, or none of csflow', () => {
    expect(() => readModel(trained.model.subarray(0, 5000), 'half.onnx')).toThrow(UserError);
    const foreign = g.writeOnnx({ y: g.neg(g.input('x', [1])) });
    expect(() => readModel(foreign, 'other.onnx')).toThrow(
      /other\.onnx: expected a model made by csflow train/,
    );
    const properties = encodeMetadata(trained.metadata);
    const older = g.withOnnxMetadata(foreign, { ...properties, 'csflow.format': '1' }, 'old.onnx');
    expect(() => readModel(older, 'old.onnx')).toThrow(
      /old\.onnx: expected model format 2, got 1; train it again/,
    );
    const wrong = g.withOnnxMetadata(trained.model, { ...properties, 'csflow.gammas': '[1]' }, 'wrong.onnx');
    expect(() => readModel(wrong, 'wrong.onnx')).toThrow(
      /entry csflow\.gammas is damaged \(expected 12 numbers, got 1/,
    );
  });
});
