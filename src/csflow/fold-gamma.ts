import { branchesOf, type FlowConfiguration } from './configuration.js';
import { neighbours, parameterSpecs, subnetLayers, type ParameterValues } from './parameters.js';

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

/** A parameter of a flow without gamma: its values, times the factor where there is one. */
export interface FactoredParameter {
  readonly name: string;
  readonly values: Float32Array;
  readonly factor?: number;
}

/** The same flow without gamma: each layer whose output it scales has it as a factor of its weight and bias. */
export function* gammaAsFactors(
  configuration: FlowConfiguration,
  parameters: ParameterSequence,
): Generator<FactoredParameter> {
  const scales = outputScales(configuration);
  const factors = new Map<string, number>();
  for (const [name, values] of parameters) {
    const [block, index, subnet, layer] = name.split('.');
    const scale = configuration.gamma ? scales.get(layer) : undefined;
    if (configuration.gamma && layer.startsWith('gamma')) factors.set(name, values[0]);
    else if (scale === undefined) yield { name, values };
    else {
      const gamma = `${block}.${index}.${subnet}.gamma${scale}`;
      const factor = factors.get(gamma);
      if (factor === undefined) throw new TypeError(`parameter ${name}: expected ${gamma} before it`);
      yield { name, values, factor };
    }
  }
}

/** The learned factors, in the order of `parameterSpecs`: what `gammaAsFactors` takes out of sight. */
export function gammasOf(configuration: FlowConfiguration, parameters: ParameterValues): readonly number[] {
  return gammaNames(configuration).map((name) => parameters.get(name)![0]);
}

const gammaNames = (configuration: FlowConfiguration): readonly string[] =>
  parameterSpecs(configuration)
    .map(({ name }) => name)
    .filter((name) => name.split('.')[3].startsWith('gamma'));

/**
 * Undoes `gammaAsFactors`, to float32's last digits. Where a factor is 0, what stood behind it is lost: the weights stay
 * 0 and the factor becomes 1, which is the same flow and can still learn.
 * @param folded the parameters without gamma, times their factors
 * @param gammas as of `gammasOf`
 * @throws RangeError where they are not as many as the configuration has
 */
export function withGamma(
  configuration: FlowConfiguration,
  folded: ParameterValues,
  gammas: readonly number[],
): ParameterValues {
  const names = gammaNames(configuration);
  if (gammas.length !== names.length)
    throw new RangeError(`gammas: expected ${names.length}, got ${gammas.length}`);
  const factors = new Map(names.map((name, i) => [name, gammas[i] === 0 ? 1 : gammas[i]]));
  const scales = outputScales(configuration);
  return new Map(
    parameterSpecs(configuration).map(({ name }) => {
      const factor = factors.get(name);
      if (factor !== undefined) return [name, Float32Array.of(factor)];
      const [block, index, subnet, layer] = name.split('.');
      const scale = scales.get(layer);
      const values = folded.get(name)!;
      if (scale === undefined || names.length === 0) return [name, values];
      const gamma = factors.get(`${block}.${index}.${subnet}.gamma${scale}`)!;
      return [name, values.map((value) => value / gamma)];
    }),
  );
}
