import { UserError } from '../errors.js';
import type { Safetensors } from '../tensor/safetensors.js';
import type { BackboneChoice } from './networks.js';
import { weightSpecs } from './weight-specs.js';

/**
 * @param file names the weights' file in errors
 * @throws UserError naming the first tensor that the net needs and the file has not, or in other dims or type
 */
export function checkWeights(choice: BackboneChoice, { tensors }: Safetensors, file: string): void {
  for (const { name, dims } of weightSpecs(choice)) {
    const tensor = tensors.get(name);
    const came =
      tensor === undefined
        ? 'none of this name'
        : !(tensor.data instanceof Float32Array)
          ? `values of type ${tensor.dtype}`
          : shown(tensor.dims);
    if (came !== shown(dims)) {
      throw new UserError(
        `${file}: tensor ${name}: expected ${shown(dims)} in single or half precision for ${choice.name}, got ${came}; ` +
          `name a state dict of this very net, as efficientnet_pytorch names its tensors`,
      );
    }
  }
}

const shown = (dims: readonly number[]): string => `[${dims.join(', ')}]`;
