import {
  arrangeFeatures,
  csFlow,
  mapSizeAt,
  parameterSpecs,
  frozenFlow,
  type FlowConfiguration,
  type FrozenFlow,
  type InferencePlan,
  type ParameterValues,
} from '../csflow/index.js';
import { sequence, type InvertibleModule } from '../flow/index.js';
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

/** (x − mean) / deviation of each channel and scale; the log-det is the same for every sample. */
function standardising({ configuration, standardisation }: TrainedFlow): InvertibleModule {
  const logDets = standardisation.scales.map(({ deviation }, s) => {
    const [height, width] = mapSizeAt(configuration, s);
    return -height * width * deviation.reduce((logs, value) => logs + Math.log(value), 0);
  });
  return {
    forward: (features) => ({
      outputs: features.map((x, s) => {
        const { mean, deviation } = standardisation.scales[s];
        return mul(sub(x, perChannel(mean)), perChannel(deviation.map((value) => 1 / value)));
      }),
      logDets: logDets.map((logDet) => scalar(logDet)),
    }),
    inverse: (standardised) => ({
      outputs: standardised.map((x, s) => {
        const { mean, deviation } = standardisation.scales[s];
        return add(mul(x, perChannel(deviation)), perChannel(mean));
      }),
      logDets: logDets.map((logDet) => scalar(-logDet)),
    }),
  };
}

function trainedModule({ configuration, parameters }: TrainedFlow): InvertibleModule {
  const nodes = new Map(
    parameterSpecs(configuration).map(({ name, dims }) => [
      name,
      constant({ dtype: 'float32', dims, data: parameters.get(name)! }),
    ]),
  );
  return csFlow(configuration, (name) => nodes.get(name)!);
}

/** Standardisation and flow over all three scales as one module, from features to latents. */
export function moduleOf(flow: TrainedFlow): InvertibleModule {
  return sequence([standardising(flow), trainedModule(flow)]);
}

/** The flow without its inverse, from the features of all three scales. */
export function frozenDetector(
  features: readonly Node[],
  flow: TrainedFlow,
  plan: InferencePlan,
): FrozenFlow {
  const { configuration, parameters } = flow;
  const standardised = standardising(flow).forward(features).outputs;
  return frozenFlow(configuration, parameters, arrangeFeatures(standardised, configuration), plan);
}
