import { networkNamed, type BackboneChoice } from './networks.js';

export interface WeightSpec {
  readonly name: string;
  readonly dims: readonly number[];
}

/**
 * Every tensor that a net needs up to and with block `layer`, in the order of efficientnet_pytorch's state dict
 * (`num_batches_tracked`, which nothing reads, is left out).
 */
export function weightSpecs({ name, layer }: BackboneChoice): readonly WeightSpec[] {
  const { family, stemChannels, blocks } = networkNamed(name);
  const specs: WeightSpec[] = [];
  const conv = (of: string, ...dims: readonly number[]): void => {
    specs.push({ name: `${of}.weight`, dims });
  };
  const norm = (of: string, channels: number): void => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      specs.push({ name: `${of}.${part}`, dims: [channels] });
    }
  };
  const pointwise = (of: string, outputs: number, inputs: number): void => {
    conv(of, outputs, inputs, 1, 1);
    specs.push({ name: `${of}.bias`, dims: [outputs] });
  };

  conv('_conv_stem', stemChannels, 3, 3, 3);
  norm('_bn0', stemChannels);
  blocks.slice(0, layer + 1).forEach(({ kernel, expansion, inputChannels, outputChannels }, i) => {
    const block = `_blocks.${i}`;
    const wide = inputChannels * expansion;
    if (expansion > 1) {
      conv(`${block}._expand_conv`, wide, inputChannels, 1, 1);
      norm(`${block}._bn0`, wide);
    }
    conv(`${block}._depthwise_conv`, wide, 1, kernel, kernel);
    norm(`${block}._bn1`, wide);
    if (family === 'standard') {
      const squeezed = Math.max(1, Math.floor(inputChannels / 4));
      pointwise(`${block}._se_reduce`, squeezed, wide);
      pointwise(`${block}._se_expand`, wide, squeezed);
    }
    conv(`${block}._project_conv`, outputChannels, wide, 1, 1);
    norm(`${block}._bn2`, outputChannels);
  });
  return specs;
}
