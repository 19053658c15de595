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

/**
 * Branch by branch; undefined stands for 0.
 * @throws TypeError where there are not as many on both sides
 */
export function sumLogDets(
  a: readonly (Node | undefined)[],
  b: readonly (Node | undefined)[],
): (Node | undefined)[] {
  if (a.length !== b.length) {
    throw new TypeError(`log-dets: expected those of ${a.length} branches, got ${b.length}`);
  }
  return a.map((left, i) => {
    const right = b[i];
    if (left === undefined) return right;
    return right === undefined ? left : add(left, right);
  });
}

/**
 * One module after the other; their log-dets add up. Modules that split or merge branches belong into a `flowGraph`.
 * @throws TypeError where a module gives another number of branches than it reads
 */
export function sequence(modules: readonly InvertibleModule[]): InvertibleModule {
  const run = (list: readonly InvertibleModule[], direction: 'forward' | 'inverse', start: readonly Node[]) =>
    list.reduce<Transformed>(
      ({ outputs, logDets }, module) => {
        const next = module[direction](outputs);
        if (next.outputs.length !== outputs.length) {
          throw new TypeError(
            `sequence: expected ${outputs.length} branches throughout, got ${next.outputs.length}; join such modules in a flowGraph`,
          );
        }
        return { outputs: next.outputs, logDets: sumLogDets(logDets, next.logDets) };
      },
      { outputs: start, logDets: start.map(() => undefined) },
    );
  return {
    forward: (inputs) => run(modules, 'forward', inputs),
    inverse: (outputs) => run([...modules].reverse(), 'inverse', outputs),
  };
}
