import { describe, expect, it } from 'vitest';
import { csFlow, initialParameters, parameterSpecs, type FlowConfiguration } from '#csflow/csflow/index.js';
import { evaluate, input, type Float64Tensor, type Node } from '#csflow/graph/index.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';

/** log |det| by elimination with pivoting. */
function logAbsDeterminant(matrix: number[][]): number {
  const rows = matrix.map((row) => [...row]);
  let sum = 0;
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    sum += Math.log(Math.abs(rows[k][k]));
    for (let r = k + 1; r < rows.length; r++) {
      const factor = rows[r][k] / rows[k][k];
      for (let c = k; c < rows.length; c++) rows[r][c] -= factor * rows[k][c];
    }
  }
  return sum;
}

const base: FlowConfiguration = {
  channels: 2,
  mapSize: [4, 4],
  hidden: 2,
  kernels: [3],
  clamp: 3,
  gamma: true,
};

describe("the log-det agrees with the Jacobian's determinant", () => {
  it.each<[string, FlowConfiguration]>([
    ['clamp 3', base],
    ['no clamp', { ...base, clamp: 0 }],
    ['an odd number of channels', { ...base, channels: 3 }],
    ['two blocks, kernels 1 and 5', { ...base, kernels: [1, 5] }],
  ])('%s', (_, configuration) => {
    const random = new NumpyRandom(4);
    const initial = initialParameters(configuration, 4);
    const specs = parameterSpecs(configuration);
    const feeds: Record<string, Float64Tensor> = Object.fromEntries(
      specs.map(({ name, dims, fanIn }) => [
        name,
        {
          dims,
          data: Float64Array.from(initial.get(name)!, (value) =>
            fanIn === undefined ? random.normal() : value,
          ),
        },
      ]),
    );
    const nodes = new Map(specs.map(({ name, dims }) => [name, input(name, dims)]));
    const dims = [0, 1, 2].map((s) => [1, configuration.channels, 4 >> s, 4 >> s]);
    const x = dims.map((sides) =>
      Float64Array.from({ length: sides[1] * sides[2] * sides[3] }, () => random.normal()),
    );
    const flow = csFlow(configuration, (name) => nodes.get(name)!);
    const { outputs, logDets } = flow.forward(dims.map((sides, s) => input(`x${s}`, sides)));
    const program: Record<string, Node> = {};
    outputs.forEach((node, s) => (program[`z${s}`] = node));
    logDets.forEach((node, s) => (program[`logDet${s}`] = node!));
    const run = (values: readonly Float64Array[]) =>
      evaluate(program, {
        ...feeds,
        ...Object.fromEntries(values.map((data, s) => [`x${s}`, { dims: dims[s], data }])),
      });
    const flat = (results: ReturnType<typeof run>): number[] =>
      [0, 1, 2].flatMap((s) => [...results[`z${s}`].data]);

    const step = 1e-5;
    const columns = x.flatMap((part, s) =>
      [...part.keys()].map((i) => {
        const moved = (by: number) => flat(run(x.with(s, part.with(i, part[i] + by))));
        const [above, below] = [moved(step), moved(-step)];
        return above.map((value, k) => (value - below[k]) / (2 * step));
      }),
    );
    const jacobian = columns[0].map((_, row) => columns.map((column) => column[row]));
    const results = run(x);
    const claimed = [0, 1, 2].reduce((sum, s) => sum + results[`logDet${s}`].data[0], 0);
    expect(claimed).toBeCloseTo(logAbsDeterminant(jacobian), 6);
    expect(Math.abs(claimed)).toBeGreaterThan(0.1);
  });
});
