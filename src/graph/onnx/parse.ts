import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, type GraphProto, type ModelProto } from 'onnx-buf';
import { UserError } from '../../errors.js';

/** @throws UserError where the bytes are no ONNX model; `source` names the file */
export function parseOnnx(
  bytes: Uint8Array,
  source: string,
): { readonly model: ModelProto; readonly graph: GraphProto } {
  try {
    const model = fromBinary(ModelProtoSchema, bytes);
    if (model.graph !== undefined) return { model, graph: model.graph };
  } catch {
    // Told below: whatever the parser stumbled over, the file is not what was asked for.
  }
  throw new UserError(`${source}: expected an ONNX model, got ${bytes.length} bytes that are none`);
}
