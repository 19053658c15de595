import { branchesOf, type FlowConfiguration } from './configuration.js';
import { neighbours, subnetLayers, type ParameterValues } from './parameters.js';

export interface FlowValues {
  readonly configuration: FlowConfiguration;
  readonly parameters: ParameterValues;
}

/** The same flow without gamma: each layer whose output it scales has it in its weight and bias. */
export function withoutGamma(configuration: FlowConfiguration, parameters: ParameterValues): FlowValues {
  if (!configuration.gamma) return { configuration, parameters };
  const folded = new Map(parameters);
  configuration.kernels.forEach((_, block) => {
    for (const subnet of ['s1', 's2']) {
      const prefix = `blocks.${block}.${subnet}`;
      for (const { scale } of branchesOf(configuration)) {
        const gamma = `${prefix}.gamma${scale}`;
        const [factor] = parameters.get(gamma)!;
        folded.delete(gamma);
        for (const layer of layersInto(scale, configuration)) {
          for (const name of [`${prefix}.${layer}.weight`, `${prefix}.${layer}.bias`]) {
            folded.set(
              name,
              parameters.get(name)!.map((value) => value * factor),
            );
          }
        }
      }
    }
  });
  return { configuration: { ...configuration, gamma: false }, parameters: folded };
}

/** The layers whose sum is a subnet's output at a scale. */
function layersInto(scale: number, configuration: FlowConfiguration): readonly string[] {
  const between = neighbours(configuration);
  return [
    subnetLayers.second(scale),
    ...between.filter(([, coarse]) => coarse === scale).map(([fine]) => subnetLayers.down(fine, scale)),
    ...between.filter(([fine]) => fine === scale).map(([, coarse]) => subnetLayers.up(coarse, scale)),
  ];
}
