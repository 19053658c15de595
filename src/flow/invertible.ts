import { add, type Node } from '../graph/index.js';

/**
 * What a module makes of its branches, with log |det J| of each branch it read: [N], or [] where it is the same for
 * every sample.
 */
export interface Transformed {
  readonly outputs: readonly Node[];
  /** Undefined where a branch's volume does not change. */
  readonly logDets: readonly (Node | undefined)[];
}

/** An invertible map of several branches [N, C, …] at once; `inverse` undoes `forward`, log-det negated. */
export interface InvertibleModule {
  forward(inputs: readonly Node[]): Transformed;
  inverse(outputs: readonly Node[]): Transformed;
}

/** Branch by branch; undefined stands for 0. */
export function sumLogDets(
  a: readonly (Node | undefined)[],
  b: readonly (Node | undefined)[],
): (Node | undefined)[] {
  return a.map((left, i) => {
    const right = b[i];
    if (left === undefined) return right;
    return right === undefined ? left : add(left, right);
  });
}

/** One module after the other, all with the same branches; their log-dets add up. */
export function sequence(modules: readonly InvertibleModule[]): InvertibleModule {
  const run = (list: readonly InvertibleModule[], direction: 'forward' | 'inverse', start: readonly Node[]) =>
    list.reduce<Transformed>(
      ({ outputs, logDets }, module) => {
        const next = module[direction](outputs);
        return { outputs: next.outputs, logDets: sumLogDets(logDets, next.logDets) };
      },
      { outputs: start, logDets: start.map(() => undefined) },
    );
  return {
    forward: (inputs) => run(modules, 'forward', inputs),
    inverse: (outputs) => run([...modules].reverse(), 'inverse', outputs),
  };
}
