import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  gammasOf,
  parameterSpecs,
  withGamma,
  type FlowConfiguration,
  type ParameterValues,
} from '#csflow/csflow/index.js';
import { gammaAsFactors } from '#csflow/csflow/fold-gamma.js';
import { drawnFlows, drawnParameters } from '../flow/drawn-flows.js';
import { relativeDifference } from './golden-case.js';

const ablations: readonly Partial<FlowConfiguration>[] = [
  {},
  { usedScales: [1] },
  { cross: 'none' },
  { cross: 'concat' },
];

/** As a model file holds them. */
const folded = (configuration: FlowConfiguration, parameters: ParameterValues): ParameterValues =>
  new Map(
    [...gammaAsFactors(configuration, parameters)].map(({ name, values, factor = 1 }) => [
      name,
      values.map((value) => value * factor),
    ]),
  );

describe('withGamma', () => {
  it('undoes the folding for any trained flow and ablation', () => {
    fc.assert(
      fc.property(
        drawnFlows({ channels: 6, side: 1, hidden: 3, blocks: 2 }),
        fc.constantFrom(...ablations),
        (drawn, ablation) => {
          const configuration = { ...drawn.configuration, ...ablation };
          const parameters = drawnParameters({ ...drawn, configuration, trained: true });
          const gammas = gammasOf(configuration, parameters);
          const unfolded = withGamma(configuration, folded(configuration, parameters), gammas);
          expect([...unfolded.keys()]).toEqual(parameterSpecs(configuration).map(({ name }) => name));
          for (const [name, values] of parameters)
            expect(relativeDifference(unfolded.get(name)!, values), name).toBeLessThanOrEqual(2e-7);
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  const configuration: FlowConfiguration = {
    channels: 4,
    mapSize: [4, 4],
    hidden: 2,
    kernels: [3],
    clamp: 3,
    gamma: true,
  };

  it('takes 1 for a factor of 0, behind which the weights are lost: the same flow, and one that can learn', () => {
    const parameters = drawnParameters({ configuration, seed: 1, trained: false });
    const gammas = gammasOf(configuration, parameters);
    expect(gammas).toEqual(new Array(6).fill(0));
    const unfolded = withGamma(configuration, folded(configuration, parameters), gammas);
    for (const [name, values] of unfolded) {
      if (name.includes('gamma')) expect([...values]).toEqual([1]);
      else if (/_1\.|up_|down_/.test(name)) expect(values.every((value) => value === 0)).toBe(true);
      else expect(values).toEqual(parameters.get(name));
    }
  });

  it('refuses another number of factors', () => {
    const parameters = drawnParameters({ configuration, seed: 1, trained: true });
    expect(() => withGamma(configuration, parameters, [1, 2])).toThrow('gammas: expected 6, got 2');
  });
});
