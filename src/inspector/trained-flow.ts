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

/** Names of the constants that standardise a scale, by which they are found again in a model file. */
export const standardisationNames = (scale: number) => ({
  mean: `standardisation.${scale}.mean`,
  /** 1 / deviation. */
  factor: `standardisation.${scale}.factor`,
});

const perChannel = (values: Float32Array, name?: string): Node =>
  constant({ dtype: 'float32', dims: [1, values.length, 1, 1], data: values }, name);

/** log |det J| of (x − mean) / deviation at each scale, the same for every sample. */
export function standardisationLogDets({
  configuration,
  standardisation,
}: Pick<TrainedFlow, 'configuration' | 'standardisation'>): readonly number[] {
  return standardisation.scales.map(({ deviation }, s) => {
    const [height, width] = mapSizeAt(configuration, s);
    return -height * width * deviation.reduce((logs, value) => logs + Math.log(value), 0);
  });
}

/** (x − mean) / deviation of each channel and scale. */
function standardising(flow: Pick<TrainedFlow, 'configuration' | 'standardisation'>): InvertibleModule {
  const { standardisation } = flow;
  const logDets = standardisationLogDets(flow);
  return {
    forward: (features) => ({
      outputs: features.map((x, s) => {
        const { mean, deviation } = standardisation.scales[s];
        const names = standardisationNames(s);
        const factor = deviation.map((value) => 1 / value);
        return mul(sub(x, perChannel(mean, names.mean)), perChannel(factor, names.factor));
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

function trainedModule(
  { configuration, parameters }: TrainedFlow,
  positionShares?: readonly Node[],
): InvertibleModule {
  const nodes = new Map(
    parameterSpecs(configuration).map(({ name, dims }) => [
      name,
      constant({ dtype: 'float32', dims, data: parameters.get(name)! }),
    ]),
  );
  return csFlow(configuration, (name) => nodes.get(name)!, 'NCHW', positionShares);
}

/**
 * Standardisation and flow over all three scales as one module, from features to latents.
 * @param positionShares of each scale [N, 1, H/2ˢ, W/2ˢ]: how much positions count in the flow's log-dets, not in that of
 * the standardisation; default: fully
 */
export function moduleOf(flow: TrainedFlow, positionShares?: readonly Node[]): InvertibleModule {
  return sequence([standardising(flow), trainedModule(flow, positionShares)]);
}

export interface FrozenDetector extends FrozenFlow {
  /** What the flow reads: standardised features, as its branches are. */
  readonly inputs: readonly Node[];
}

/** The flow without its inverse, from the features of all three scales. */
export function frozenDetector(
  features: readonly Node[],
  flow: TrainedFlow,
  plan: InferencePlan,
): FrozenDetector {
  const { configuration, parameters } = flow;
  const standardised = standardising(flow).forward(features).outputs;
  const inputs = arrangeFeatures(standardised, configuration);
  return { ...frozenFlow(configuration, parameters, inputs, plan), inputs };
}
