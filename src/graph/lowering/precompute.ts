import { input } from '../build.js';
import { fixedDims } from '../dims.js';
import type { Node } from '../ops.js';
import { rewrite, type Program } from '../program.js';

/** A program in which products of fixed values have become inputs. */
export interface PrecomputedProgram {
  readonly program: Program;
  /** What those inputs are to hold: nodes that need fixed inputs alone. */
  readonly values: ReadonlyMap<string, Node>;
}

/**
 * Takes the matrix products that depend on fixed inputs alone out of a lowered program, such as the transforms of
 * kernels: they can be computed once for all runs.
 * @param fixed names of inputs that are the same in every run
 */
export function precompute(program: Program, fixed: ReadonlySet<string>): PrecomputedProgram {
  const values = new Map<string, Node>();
  const isFixed = new Map<Node, boolean>();
  const fixedNode = (node: Node): boolean => {
    let known = isFixed.get(node);
    if (known === undefined) {
      known = node.op === 'Input' ? fixed.has(node.attributes.name) : node.inputs.every(fixedNode);
      isFixed.set(node, known);
    }
    return known;
  };
  const without = rewrite(program, (node) => {
    const isConstant = node.inputs.every(({ op }) => op === 'Constant');
    if (node.op !== 'MatMul' || isConstant || !fixedNode(node)) return node;
    const name = `precomputed.${values.size}`;
    values.set(name, node);
    return input(name, fixedDims(node.type.dims, 'MatMul'));
  });
  return { program: without, values };
}
