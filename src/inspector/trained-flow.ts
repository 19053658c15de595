import {
  arrangeFeatures,
  csFlow,
  mapSizeAt,
  parameterSpecs,
  total,
  toLatents,
  type FlowConfiguration,
  type ParameterValues,
} from '../csflow/index.js';
import type { InvertibleModule } from '../flow/index.js';
import { add, constant, mul, scalar, sub, type Node } from '../graph/index.js';
import type { Standardisation } from '../training/index.js';

/** A trained flow with the transform of its inputs. */
export interface TrainedFlow {
  readonly configuration: FlowConfiguration;
  readonly standardisation: Standardisation;
  readonly parameters: ParameterValues;
}

const perChannel = (values: Float32Array): Node =>
  constant({ dtype: 'float32', dims: [1, values.length, 1, 1], data: values });

function moduleOf({ configuration, parameters }: TrainedFlow): InvertibleModule {
  const nodes = new Map(
    parameterSpecs(configuration).map(({ name, dims }) => [
      name,
      constant({ dtype: 'float32', dims, data: parameters.get(name)! }),
    ]),
  );
  return csFlow(configuration, (name) => nodes.get(name)!);
}

/** log |det| of the standardisation: each value is divided by its channel's deviation. */
function standardisationLogDet({ configuration, standardisation }: TrainedFlow): number {
  return standardisation.scales.reduce((sum, { deviation }, s) => {
    const [height, width] = mapSizeAt(configuration, s);
    return sum - height * width * deviation.reduce((logs, value) => logs + Math.log(value), 0);
  }, 0);
}

/** z of each scale, and log |det J| of each sample [N], standardisation included. */
export function latentsOf(
  features: readonly Node[],
  flow: TrainedFlow,
): { z: readonly Node[]; logDet: Node } {
  const standardised = features.map((x, s) => {
    const { mean, deviation } = flow.standardisation.scales[s];
    return mul(sub(x, perChannel(mean)), perChannel(deviation.map((value) => 1 / value)));
  });
  const { z, logDets } = toLatents(moduleOf(flow), arrangeFeatures(standardised, flow.configuration));
  return { z, logDet: add(total(logDets), scalar(standardisationLogDet(flow))) };
}

/** The features whose latents are given: the inverse of the flow, then of the standardisation. */
export function featuresOf(latents: readonly Node[], flow: TrainedFlow): readonly Node[] {
  const { outputs } = moduleOf(flow).inverse(latents);
  return outputs.map((x, s) => {
    const { mean, deviation } = flow.standardisation.scales[s];
    return add(mul(x, perChannel(deviation)), perChannel(mean));
  });
}
