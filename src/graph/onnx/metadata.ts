import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ModelProtoSchema, StringStringEntryProtoSchema } from 'onnx-buf';
import { parseOnnx } from './parse.js';

/** The `metadata_props` of an ONNX model; `source` names the file in errors. */
export function readOnnxMetadata(bytes: Uint8Array, source: string): Readonly<Record<string, string>> {
  const { model } = parseOnnx(bytes, source);
  return Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
}

/** Of ModelProto in onnx.proto. */
const metadataField = ModelProtoSchema.field.metadataProps.number;

/** The same model with other `metadata_props`; every other byte stays as it is. */
export function withOnnxMetadata(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  source: string,
): Uint8Array {
  parseOnnx(bytes, source);
  const reader = new BinaryReader(bytes);
  const kept: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    if (field !== metadataField) kept.push(bytes.subarray(start, reader.pos));
  }
  const metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return joined([...kept, toBinary(ModelProtoSchema, create(ModelProtoSchema, { metadataProps }))]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
