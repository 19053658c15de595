import { toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type NodeProto } from 'onnx-buf';
import { UserError } from '../../errors.js';
import { elementCount, type FloatTensor } from '../../tensor/tensor.js';
import { onnxDtype } from './emission.js';
import { parseOnnx } from './parse.js';

/**
 * The single-precision constants of an ONNX model by their names, those in its raw data alone.
 * @throws UserError where the bytes are no model, or a constant's bytes are not as many as its sides tell
 */
export function readOnnxConstants(bytes: Uint8Array, source: string): ReadonlyMap<string, FloatTensor> {
  const { graph } = parseOnnx(bytes, source);
  const constants = new Map<string, FloatTensor>();
  for (const { name, dataType, dims: sides, rawData } of graph.initializer) {
    if (dataType !== onnxDtype.float32) continue;
    const dims = sides.map(Number);
    const expected = 4 * elementCount(dims);
    if (rawData.byteLength !== expected) {
      throw new UserError(
        `${source}: its constant ${name} is damaged: expected ${expected} bytes, got ${rawData.byteLength}`,
      );
    }
    // A copy: what lies in the file need not begin where a float may. (A Buffer's own slice would be none.)
    constants.set(name, { dtype: 'float32', dims, data: new Float32Array(new Uint8Array(rawData).buffer) });
  }
  return constants;
}

/**
 * The same model with other outputs, among them values that it names inside (`inner` of `writeOnnx`); what they do not
 * hang on is left out.
 * @throws UserError where the bytes are no model, or it has no value of a name
 */
export function withOnnxOutputs(bytes: Uint8Array, outputs: readonly string[], source: string): Uint8Array {
  const { model, graph } = parseOnnx(bytes, source);
  const known = new Map([...graph.output, ...graph.valueInfo].map((info) => [info.name, info]));
  const wanted = outputs.map((name) => {
    const info = known.get(name);
    if (info !== undefined) return info;
    throw new UserError(
      `${source}: expected a model that names its inner value ${name}, got one that does not; train it again`,
    );
  });
  const needed = new Set(outputs);
  const nodes: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of node.input) needed.add(name);
  }
  graph.node = nodes.reverse();
  graph.output = wanted;
  graph.valueInfo = [];
  graph.initializer = graph.initializer.filter(({ name }) => needed.has(name));
  graph.input = graph.input.filter(({ name }) => needed.has(name));
  return toBinary(ModelProtoSchema, model);
}
