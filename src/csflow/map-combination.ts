import { total } from '../flow/index.js';
import { add, exp, leakyRelu, log, scale, sub, type Node } from '../graph/index.js';

/** How the maps of the scales become one anomaly map. */
export const mapCombinations = ['finest', 'mean', 'product', 'max'] as const;
export type MapCombination = (typeof mapCombinations)[number];

/** The best AUPRO(0.3) on both public data sets of docs/heatmaps.md; never chosen on a user's test pictures. */
export const defaultMapCombination: MapCombination = 'finest';

/**
 * One map from those of the scales, all of one size. Each is a mean of z² and so near 1 for good parts at every scale:
 * they need no further weights.
 * - `finest`: the first alone (the published code's map of scale 0)
 * - `mean`: their mean
 * - `product`: their geometric mean, which ranks pixels as anomalib's product does and stays in the maps' unit
 * - `max`: the largest of them
 * @param maps finest first, at least one
 */
export function combineMaps(maps: readonly Node[], combination: MapCombination): Node {
  const [finest] = maps;
  if (maps.length === 1) return finest;
  switch (combination) {
    case 'finest':
      return finest;
    case 'mean':
      return scale(total(maps), 1 / maps.length);
    case 'product':
      return exp(scale(total(maps.map(log)), 1 / maps.length));
    case 'max':
      return maps.reduce(larger);
  }
}

/** max(a, b) = a + max(b − a, 0). */
const larger = (a: Node, b: Node): Node => add(a, leakyRelu(sub(b, a), 0));
