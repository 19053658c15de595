import { reshape, transpose, type Node } from '../graph/index.js';
import type { InvertibleModule } from './invertible.js';

/**
 * Two by two positions become four channels (RealNVP; Dinh et al., 2017, §3.6): [N, C, H, W] to [N, 4C, H/2, W/2] with
 * y[:, 4c + 2i + j] = x[:, c, i::2, j::2]. Its log-det is 0.
 */
export function squeeze(): InvertibleModule {
  const each = (branches: readonly Node[], change: (x: Node) => Node) => ({
    outputs: branches.map(change),
    logDets: branches.map(() => undefined),
  });
  return {
    forward: (inputs) =>
      each(inputs, (x) => {
        const [n, c, h, w] = sidesOf(x);
        if (h % 2 !== 0 || w % 2 !== 0) throw new TypeError(`squeeze: expected even sides, got ${h}×${w}`);
        const split = reshape(x, [n, c, h / 2, 2, w / 2, 2]);
        return reshape(transpose(split, [0, 1, 3, 5, 2, 4]), [n, 4 * c, h / 2, w / 2]);
      }),
    inverse: (outputs) =>
      each(outputs, (y) => {
        const [n, c, h, w] = sidesOf(y);
        if (c % 4 !== 0) throw new TypeError(`squeeze: expected a multiple of 4 channels back, got ${c}`);
        const split = reshape(y, [n, c / 4, 2, 2, h, w]);
        return reshape(transpose(split, [0, 1, 4, 2, 5, 3]), [n, c / 4, 2 * h, 2 * w]);
      }),
  };
}

function sidesOf(x: Node): [n: number | string, c: number, h: number, w: number] {
  const [n, c, h, w] = x.type.dims;
  if (x.type.dims.length !== 4 || typeof c !== 'number' || typeof h !== 'number' || typeof w !== 'number') {
    throw new TypeError(`squeeze: expected a map [N, C, H, W], got [${x.type.dims.join(', ')}]`);
  }
  return [n, c, h, w];
}
