import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '#csflow/errors.js';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { floatTensor } from '#csflow/tensor/tensor.js';

const device = createLocalDevice({ threads: 1 });
afterAll(() => device.close());

const weight = floatTensor([2], [3, -4]);
const bias = floatTensor([2], [0.5, 0.25]);

/** y = w · x + b, its product named inside. */
function affine(): Uint8Array {
  const x = g.input('x', ['N', 2]);
  const product = g.mul(x, g.constant(weight, 'layer.weight'));
  const y = g.add(product, g.constant(bias, 'layer.bias'));
  return g.writeOnnx(g.lower({ y, product }), { inner: ['product'] });
}

const feeds = { x: floatTensor([2, 2], [1, 2, 3, 4]) };

describe('a written model', () => {
  it('names its constants, and gives them back', () => {
    const constants = g.readOnnxConstants(affine(), 'affine');
    expect(constants.get('layer.weight')).toEqual(weight);
    expect(constants.get('layer.bias')).toEqual(bias);
  });

  it("gives them back from a file's Buffer, wherever they lie in it", () => {
    const file = affine();
    for (let offset = 0; offset < 4; offset++) {
      const shifted = Buffer.concat([Buffer.alloc(offset), file]).subarray(offset);
      expect(g.readOnnxConstants(shifted, 'affine').get('layer.weight')).toEqual(weight);
    }
  });

  it('keeps equal constants of different names apart', () => {
    const x = g.input('x', [2]);
    const sum = g.add(g.mul(x, g.constant(weight, 'a')), g.constant(weight, 'b'));
    const constants = g.readOnnxConstants(g.writeOnnx(g.lower({ sum })), 'equal');
    expect([...constants.keys()].sort()).toEqual(['a', 'b']);
  });

  it('refuses two different constants of one name', () => {
    const x = g.input('x', [2]);
    const sum = g.add(g.mul(x, g.constant(weight, 'a')), g.constant(bias, 'a'));
    expect(() => g.writeOnnx(g.lower({ sum }))).toThrow('constant a: two different ones');
  });

  it('has inner values that are no outputs until it is asked for them', async () => {
    const plain = await device.compile(affine());
    expect(plain.outputNames).toEqual(['y']);
    await plain.close();
    const session = await device.compile(g.withOnnxOutputs(affine(), ['product', 'y'], 'affine'));
    expect(session.outputNames).toEqual(['product', 'y']);
    const results = await session.run(feeds);
    expect([...results.product.data]).toEqual([3, -8, 9, -16]);
    expect([...results.y.data]).toEqual([3.5, -7.75, 9.5, -15.75]);
    await session.close();
  });

  it('leaves out what other outputs do not hang on', async () => {
    const cut = g.withOnnxOutputs(affine(), ['product'], 'affine');
    expect([...g.readOnnxConstants(cut, 'cut').keys()]).toEqual(['layer.weight']);
    const session = await device.compile(cut);
    expect(session.outputNames).toEqual(['product']);
    await session.close();
  });

  it('says which value it does not have, and when it is no model', () => {
    expect(() => g.withOnnxOutputs(affine(), ['z0'], 'old.onnx')).toThrow(
      /old\.onnx: expected a model that names its inner value z0/,
    );
    expect(() => g.readOnnxConstants(Uint8Array.of(1, 2, 3), 'notes.txt')).toThrow(
      /notes\.txt: expected an ONNX model, got 3 bytes/,
    );
    const cut = affine();
    expect(() => g.readOnnxConstants(cut.subarray(0, cut.length - 3), 'cut.onnx')).toThrow(UserError);
  });
});
