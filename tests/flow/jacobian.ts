import type { InvertibleModule } from '#csflow/flow/index.js';
import { evaluate, input, type Float64Tensor, type Node } from '#csflow/graph/index.js';

/** log |det| by elimination with pivoting. */
export function logAbsDeterminant(matrix: readonly (readonly number[])[]): number {
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

/** Both directions of a module in double precision; one tensor a branch. */
export function runModule(
  module: InvertibleModule,
  x: readonly Float64Tensor[],
  parameters: Readonly<Record<string, Float64Tensor>> = {},
) {
  const { outputs, logDets } = module.forward(x.map(({ dims }, i) => input(`x${i}`, dims)));
  const back = module.inverse(outputs);
  const program: Record<string, Node> = {};
  outputs.forEach((node, i) => (program[`z${i}`] = node));
  back.outputs.forEach((node, i) => (program[`back${i}`] = node));
  logDets.forEach((node, i) => node && (program[`logDet${i}`] = node));
  back.logDets.forEach((node, i) => node && (program[`backLogDet${i}`] = node));
  const run = (values: readonly Float64Tensor[]) =>
    evaluate(program, { ...parameters, ...Object.fromEntries(values.map((v, i) => [`x${i}`, v])) });
  const results = run(x);
  const total = (name: string): number =>
    Object.entries(results)
      .filter(([key]) => key.startsWith(name))
      .reduce((sum, [, { data }]) => sum + data[0], 0);
  const latents = (values: readonly Float64Tensor[]): readonly number[] => {
    const found = run(values);
    return outputs.flatMap((_, i) => [...found[`z${i}`].data]);
  };
  return {
    back: x.map((_, i) => results[`back${i}`]),
    /** Of the first sample. */
    logDet: total('logDet'),
    inverseLogDet: total('backLogDet'),
    /** d z / d x of one sample by central differences. */
    jacobian: (): readonly (readonly number[])[] => {
      // Small enough that no LeakyReLU's kink lies within.
      const step = 1e-7;
      const columns = x.flatMap((part, branch) =>
        [...part.data.keys()].map((i) => {
          const moved = (by: number) =>
            latents(x.with(branch, { ...part, data: part.data.with(i, part.data[i] + by) }));
          const [above, below] = [moved(step), moved(-step)];
          return above.map((value, k) => (value - below[k]) / (2 * step));
        }),
      );
      return columns[0].map((_, row) => columns.map((column) => column[row]));
    },
  };
}
