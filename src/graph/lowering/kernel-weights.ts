import { transpose } from '../build.js';
import { permutations } from '../layout.js';
import type { Node, NodeOf } from '../ops.js';

/** Weights that lie as [kh, kw, K, C]. */
export const isExchanged = (w: Node): w is NodeOf<'Transpose'> & Node =>
  w.op === 'Transpose' && w.attributes.permutation.join() === permutations.exchangeChannels.join();

/** [batch, rows, columns] → [batch, columns, rows]: part of the product that reads it. */
export const swapLast = (x: Node): Node => transpose(x, [0, 2, 1]);
