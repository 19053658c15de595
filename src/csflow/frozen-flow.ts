import { constant, permutations, transpose, type Layout, type Node } from '../graph/index.js';
import { elementCount, permuteAxes } from '../tensor/tensor.js';
import type { FlowConfiguration } from './configuration.js';
import { csFlow, toLatents } from './flow.js';
import { withoutGamma } from './fold-gamma.js';
import { parameterSpecs, type ParameterValues } from './parameters.js';

/** A weight [K, C, kh, kw] as a constant in the layout's order, a bias as it is. */
function parameterConstant(dims: readonly number[], data: Float32Array, layout: Layout): Node {
  if (layout === 'NCHW' || dims.length !== 4) return constant({ dtype: 'float32', dims, data });
  const order = permutations.weightsToHwio;
  const sides = order.map((axis) => dims[axis]);
  return constant({ dtype: 'float32', dims: sides, data: permuteAxes(data, dims, order) });
}

/** Positions at scale 0, over all samples, from which Winograd products are faster than direct convolutions. */
const manyPositions = 256;

/** The faster layout for a batch: where few positions meet the kernels, reading transformed ones takes longer. */
export function inferenceLayout({ mapSize: [height, width] }: FlowConfiguration, batch: number): Layout {
  return batch * height * width >= manyPositions ? 'HWNC' : 'NCHW';
}

/**
 * z of each branch of a flow whose parameters are known: gamma is part of the weights.
 * @param features the flow's branches, [N, C, H/2ˢ, W/2ˢ]; N a number for HWNC
 * @param layout how the flow computes inside; HWNC is lowered to Winograd products
 * @returns [N, C, H/2ˢ, W/2ˢ]
 */
export function frozenLatents(
  configuration: FlowConfiguration,
  parameters: ParameterValues,
  features: readonly Node[],
  layout: Layout,
): readonly Node[] {
  const frozen = withoutGamma(configuration, parameters);
  const constants = new Map(
    parameterSpecs(frozen.configuration).map(({ name, dims }) => {
      const values = frozen.parameters.get(name);
      if (values?.length !== elementCount(dims)) {
        throw new TypeError(
          `parameter ${name}: expected ${elementCount(dims)} values, got ${values?.length}`,
        );
      }
      return [name, parameterConstant(dims, values, layout)];
    }),
  );
  const flow = csFlow(frozen.configuration, (name) => constants.get(name)!, layout);
  if (layout === 'NCHW') return toLatents(flow, features).z;
  const inside = features.map((x) => transpose(x, permutations.toHwnc));
  return toLatents(flow, inside).z.map((part) => transpose(part, permutations.toNchw));
}
