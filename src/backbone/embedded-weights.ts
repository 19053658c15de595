import type { Safetensors } from '../tensor/safetensors.js';
import type { FloatTensor } from '../tensor/tensor.js';
import { backbonePrefix } from './layers.js';

/**
 * A backbone's weights from the constants of a model file: what `efficientNet` has made of a published file, and makes
 * the same net of again.
 */
export function embeddedWeights(constants: ReadonlyMap<string, FloatTensor>): Safetensors {
  const own = [...constants].filter(([name]) => name.startsWith(backbonePrefix));
  return {
    metadata: {},
    tensors: new Map(
      own.map(([name, { dims, data }]) => [name.slice(backbonePrefix.length), { dtype: 'F32', dims, data }]),
    ),
  };
}
