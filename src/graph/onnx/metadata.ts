import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema } from 'onnx-buf';
import { parseOnnx } from './parse.js';

/** The `metadata_props` of an ONNX model; `source` names the file in errors. */
export function readOnnxMetadata(bytes: Uint8Array, source: string): Readonly<Record<string, string>> {
  const { model } = parseOnnx(bytes, source);
  return Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]));
}

/** The same model with other `metadata_props`. */
export function withOnnxMetadata(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  source: string,
): Uint8Array {
  const { model } = parseOnnx(bytes, source);
  model.metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, model);
}
