import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csFlow, parameterSpecs } from '#csflow/csflow/index.js';
import { input } from '#csflow/graph/index.js';
import { doubles, drawnFlows, drawnMaps, drawnParameters } from './drawn-flows.js';
import { logAbsDeterminant, runModule } from './jacobian.js';

it('CS-Flow is undone by its inverse, its log-dets cancel, and they are those of its Jacobian', () => {
  let moved = 0;
  fc.assert(
    fc.property(drawnFlows({ channels: 3, side: 2, hidden: 2, blocks: 2 }), (drawn) => {
      const { configuration } = drawn;
      const nodes = new Map(parameterSpecs(configuration).map(({ name, dims }) => [name, input(name, dims)]));
      const flow = csFlow(configuration, (name) => nodes.get(name)!);
      const x = drawnMaps(drawn, 1);
      const run = runModule(flow, x, doubles(drawnParameters(drawn), configuration));
      run.back.forEach(({ data }, s) =>
        data.forEach((value, i) => expect(value).toBeCloseTo(x[s].data[i], 7)),
      );
      expect(run.logDet + run.inverseLogDet).toBeCloseTo(0, 7);
      expect(run.logDet).toBeCloseTo(logAbsDeterminant(run.jacobian()), 4);
      if (Math.abs(run.logDet) > 0.1) moved++;
    }),
    { numRuns: 12, seed: 4 },
  );
  // Fresh flows keep the volume; of the others most do not.
  expect(moved).toBeGreaterThan(3);
});
