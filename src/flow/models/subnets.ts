import { add, conv, leakyRelu, matMul, type Node } from '../../graph/index.js';
import { elementCount } from '../../tensor/tensor.js';
import { uniformStart } from '../uniform-start.js';
import type { LearnedTensor } from './flow-layer.js';

/** The network inside a coupling; it may be any function, since it is never inverted. */
export interface Subnet {
  readonly parameters: readonly LearnedTensor[];
  readonly apply: (x: Node, parameter: (name: string) => Node) => Node;
}

const slope = 0.1;

function uniform(name: string, dims: readonly number[], fanIn: number): LearnedTensor {
  return { name, dims, start: (random) => uniformStart(elementCount(dims), fanIn, random) };
}

/** The last layer of a subnet starts at zero, so that every coupling starts as the identity (Glow, §3.3). */
function zero(name: string, dims: readonly number[]): LearnedTensor {
  return { name, dims, start: () => new Float32Array(elementCount(dims)) };
}

/** Three dense layers with two hidden ones of `hidden` values: [N, inputs] to [N, outputs]. */
export const denseSubnet =
  (hidden: number) =>
  (inputs: number, outputs: number): Subnet => ({
    parameters: [
      uniform('0.weight', [inputs, hidden], inputs),
      uniform('0.bias', [hidden], inputs),
      uniform('1.weight', [hidden, hidden], hidden),
      uniform('1.bias', [hidden], hidden),
      zero('2.weight', [hidden, outputs]),
      zero('2.bias', [outputs]),
    ],
    apply(x, parameter) {
      const layer = (h: Node, i: number): Node =>
        add(matMul(h, parameter(`${i}.weight`)), parameter(`${i}.bias`));
      return layer(leakyRelu(layer(leakyRelu(layer(x, 0), slope), 1), slope), 2);
    },
  });

/** Convolutions 3×3, 1×1, 3×3 with `hidden` channels between: [N, inputs, H, W] to [N, outputs, H, W]. */
export const convolutionSubnet =
  (hidden: number) =>
  (inputs: number, outputs: number): Subnet => ({
    parameters: [
      uniform('0.weight', [hidden, inputs, 3, 3], inputs * 9),
      uniform('0.bias', [hidden], inputs * 9),
      uniform('1.weight', [hidden, hidden, 1, 1], hidden),
      uniform('1.bias', [hidden], hidden),
      zero('2.weight', [outputs, hidden, 3, 3]),
      zero('2.bias', [outputs]),
    ],
    apply(x, parameter) {
      const layer = (h: Node, i: number, pad: number): Node =>
        conv(h, parameter(`${i}.weight`), parameter(`${i}.bias`), {
          strides: [1, 1],
          pads: [pad, pad, pad, pad],
          groups: 1,
          layout: 'NCHW',
        });
      return layer(leakyRelu(layer(leakyRelu(layer(x, 0, 1), slope), 1, 0), slope), 2, 1);
    },
  });
