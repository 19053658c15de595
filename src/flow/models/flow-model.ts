import { input, type Node } from '../../graph/index.js';
import type { FlowNode } from '../flow-graph-parts.js';
import { flowGraph } from '../flow-graph.js';
import { split } from '../split.js';
import { squeeze } from '../squeeze.js';
import { normalisingAffine } from '../act-norm.js';
import type { InvertibleModule } from '../invertible.js';
import {
  chain,
  fixedLayer,
  prefixed,
  type FlowLayer,
  type LearnedTensor,
  type LearnedValues,
} from './flow-layer.js';

/** A flow over samples of one shape, ready to be trained: its learned tensors and the module they make. */
export interface FlowModel {
  /** Sides of one sample: [C], or [C, H, W]. */
  readonly sampleDims: readonly number[];
  readonly parameters: readonly LearnedTensor[];
  /** A module of one input branch; a model for pictures has as many outputs as levels. */
  readonly module: (values: LearnedValues) => InvertibleModule;
}

/** Steps on vectors [N, C]. */
export function vectorModel(channels: number, steps: readonly FlowLayer[]): FlowModel {
  return { sampleDims: [channels], ...chain(steps) };
}

/**
 * A multi-scale flow on pictures (RealNVP; Dinh et al., 2017, §3.6): at each level a squeeze, then the steps; then half
 * of the channels leave, except after the last level.
 * @param steps of a level, for its channels
 * @throws RangeError where a side does not divide by 2 once a level
 */
export function pictureModel(
  [channels, height, width]: readonly [number, number, number],
  levels: number,
  steps: (channels: number, level: number) => readonly FlowLayer[],
): FlowModel {
  if (height % 2 ** levels !== 0 || width % 2 ** levels !== 0) {
    throw new RangeError(
      `picture: expected sides that divide by ${2 ** levels} for ${levels} levels, got ${height}×${width}`,
    );
  }
  const inner = (level: number): number => channels * 2 ** (level + 2);
  const stages = Array.from({ length: levels }, (_, level) => {
    return prefixed(`level${level}`, chain([fixedLayer(squeeze()), ...steps(inner(level), level)]));
  });
  return {
    sampleDims: [channels, height, width],
    parameters: stages.flatMap(({ parameters }) => parameters),
    module(values) {
      const nodes = stages.flatMap(({ module }, level): FlowNode[] => {
        const last = level === levels - 1;
        const stage: FlowNode = {
          name: `level ${level}`,
          module: module(values),
          inputs: [level === 0 ? 'picture' : `rest ${level - 1}`],
          outputs: [last ? `leaving ${level}` : `level ${level}`],
        };
        if (last) return [stage];
        return [
          stage,
          {
            name: `split ${level}`,
            module: split(inner(level) / 2),
            inputs: [`level ${level}`],
            outputs: [`leaving ${level}`, `rest ${level}`],
          },
        ];
      });
      return flowGraph({
        inputs: { picture: [values.batch ?? 'N', channels, height, width] },
        nodes,
        outputs: stages.map((_, level) => `leaving ${level}`),
      });
    },
  };
}

/**
 * The program that gives every ActNorm's first scale and shift from the first batch: each sees what those before it
 * make of the batch (Kingma & Dhariwal, 2018, §3.1). Empty where the model has no ActNorm.
 * @param x the first batch, of known size
 */
export function actNormStartProgram(
  model: FlowModel,
  parameter: (name: string) => Node,
  batch: number,
): Readonly<Record<string, Node>> {
  const program: Record<string, Node> = {};
  const module = model.module({
    parameter,
    batch,
    // Building the graph runs it once on placeholders; the pass over the batch comes after and replaces what that gave.
    actNormStart(prefix, x) {
      const start = normalisingAffine(x);
      program[`${prefix}logScale`] = start.logScale;
      program[`${prefix}shift`] = start.shift;
      return start;
    },
  });
  module.forward([input('x0', [batch, ...model.sampleDims])]);
  return program;
}
