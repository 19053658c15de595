import { create, toBinary } from '@bufbuild/protobuf';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type ModelProto,
} from 'onnx-buf';
import type { Tensor } from '../../tensor/tensor.js';
import { onnxDtype } from './emission.js';

export interface NamedConstant {
  readonly name: string;
  readonly value: Tensor;
}

/** Numbers of the length-delimited fields that are put together here, in ONNX's messages. */
const fields = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 } as const;

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  // Divisions, not shifts: lengths may pass 32 bits.
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** What stands before the bytes of a length-delimited field. */
const opening = (field: number, length: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]);

/** Protocol buffers beyond 2 GiB are not read by ONNX Runtime or others. */
const largestModel = 2 ** 31 - 1;

const lengthOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

function initializer({ name, value: { dtype, dims, data } }: NamedConstant): readonly Uint8Array[] {
  const raw = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  const rest = { name, dataType: onnxDtype[dtype], dims: dims.map(BigInt) };
  const tensor = [
    toBinary(TensorProtoSchema, create(TensorProtoSchema, rest)),
    opening(fields.tensorRawData, raw.byteLength),
    raw,
  ];
  return [opening(fields.graphInitializer, lengthOf(tensor)), ...tensor];
}

/**
 * The bytes of a model, its constants copied once: the general encoder copies them again for each message that they
 * lie in.
 * @param model without its graph
 * @param graph without its initializers
 * @throws RangeError for a model that could not be read again
 */
export function assembleModel(
  model: ModelProto,
  graph: GraphProto,
  constants: readonly NamedConstant[],
): Uint8Array {
  const inside = [toBinary(GraphProtoSchema, graph), ...constants.flatMap(initializer)];
  const parts = [toBinary(ModelProtoSchema, model), opening(fields.modelGraph, lengthOf(inside)), ...inside];
  const length = lengthOf(parts);
  if (length > largestModel) {
    throw new RangeError(
      `model: expected at most ${largestModel} bytes, which is what can be read again, got ${length}`,
    );
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
