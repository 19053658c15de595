import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema, type ModelProto } from 'onnx-buf';
import { UserError } from '../../errors.js';

function parse(bytes: Uint8Array, source: string): ModelProto {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph !== undefined) return model;
  } catch {
    // Told below: whatever the parser stumbled over, the file is not what was asked for.
  }
  throw new UserError(`${source}: expected an ONNX model, got ${bytes.length} bytes that are none`);
}

/** The `metadata_props` of an ONNX model; `source` names the file in errors. */
export function readOnnxMetadata(bytes: Uint8Array, source: string): Readonly<Record<string, string>> {
  return Object.fromEntries(parse(bytes, source).metadataProps.map(({ key, value }) => [key, value]));
}

/** The same model with other `metadata_props`. */
export function withOnnxMetadata(
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  source: string,
): Uint8Array {
  const model = parse(bytes, source);
  model.metadataProps = Object.entries(metadata).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, model);
}
