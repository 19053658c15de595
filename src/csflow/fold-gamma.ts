import { branchesOf, type FlowConfiguration } from './configuration.js';
import { neighbours, subnetLayers } from './parameters.js';

/** Learned values by name, in the order of `parameterSpecs`: a map of them, or one after the other. */
export type ParameterSequence = Iterable<readonly [name: string, values: Float32Array]>;

/** Of each layer whose output gamma scales, by its name within a subnet: the scale that it adds to. */
function outputScales(configuration: FlowConfiguration): ReadonlyMap<string, number> {
  return new Map([
    ...branchesOf(configuration).map(({ scale }) => [subnetLayers.second(scale), scale] as const),
    ...neighbours(configuration).flatMap(([fine, coarse]) => [
      [subnetLayers.up(coarse, fine), fine] as const,
      [subnetLayers.down(fine, coarse), coarse] as const,
    ]),
  ]);
}

/** The same flow without gamma: each layer whose output it scales has it in its weight and bias. */
export function* withoutGamma(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
): Generator<readonly [name: string, values: Float32Array]> {
  if (!configuration.gamma) {
    yield* parameters;
    return;
  }
  const scales = outputScales(configuration);
  const factors = new Map<string, number>();
  for (const [name, values] of parameters) {
    const [block, index, subnet, layer] = name.split('.');
    const gammaOf = (scale: number): string => `${block}.${index}.${subnet}.gamma${scale}`;
    const scale = scales.get(layer);
    if (layer.startsWith('gamma')) factors.set(name, values[0]);
    else if (scale === undefined) yield [name, values];
    else {
      const factor = factors.get(gammaOf(scale));
      if (factor === undefined)
        throw new TypeError(`parameter ${name}: expected ${gammaOf(scale)} before it`);
      yield [name, values.map((value) => value * factor)];
    }
  }
}
