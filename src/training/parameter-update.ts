import { add, depths, input, scale, slice, type Node } from '../graph/index.js';
import type { Bindings, BufferSlice, Device } from '../runtime/session.js';
import { adamUpdate, clipFactor, defaultAdam, flatten, totalNorm, type AdamOptions } from './adam.js';
import { wholeSlice, type ParameterLayout, type UpdateRange } from './parameter-buffer.js';

/** Names of the three buffers that hold the state of training. */
export const stateBuffers = ['parameters', 'firstMoment', 'secondMoment'] as const;

/** Places the parameters, which are given up, and moments of 0. */
export async function placeState(device: Device, parameters: Float32Array): Promise<void> {
  const { length } = parameters;
  for (const name of stateBuffers)
    await device.createBuffer(name, name === 'parameters' ? parameters : length, { givenUp: true });
}

/** Frees the state of training. */
export async function dropState(device: Device): Promise<void> {
  for (const name of stateBuffers) await device.dropBuffer(name);
}

export interface UpdateOptions {
  readonly adam?: AdamOptions;
  /** Largest total gradient norm; default 1. */
  readonly maxNorm?: number;
}

export interface ParameterUpdate {
  /** Output gradientNorm and the next state; inputs stepSize and secondMomentCorrection. */
  readonly program: Readonly<Record<string, Node>>;
  readonly bindings: Bindings;
}

/**
 * Clipping and Adam as a program. Every use of a parameter comes before the total norm, and every update after it, so
 * the updates may be written over the values they read; nothing times the loss is part of the norm, since some
 * parameters are read for the loss alone.
 * @param gradients by parameter, each in the order its parameter has in the buffer
 */
export function parameterUpdate(
  loss: Node,
  layout: ParameterLayout,
  gradients: ReadonlyMap<string, Node>,
  { adam = defaultAdam, maxNorm = 1 }: UpdateOptions = {},
): ParameterUpdate {
  // Large gradients are cut as soon as they are there: a whole one would be kept in a gap of up to twice its size.
  const parts = layout.ranges.map((range) => partsOf(range, gradients));
  // The last of a sum is computed first: here what the backward pass reaches first, so that it is not kept meanwhile.
  const depth = depths(parts.flat());
  const deepestFirst = parts.flat().sort((a, b) => depth.get(b)! - depth.get(a)!);
  const gradientNorm = add(totalNorm(deepestFirst), scale(loss, 0));
  const factor = clipFactor(gradientNorm, maxNorm);
  const factors = {
    stepSize: input('stepSize', []),
    secondMomentCorrection: input('secondMomentCorrection', []),
  };
  const program: Record<string, Node> = { gradientNorm };
  const inputs: Record<string, BufferSlice> = {};
  const outputs: Record<string, BufferSlice> = {};
  for (const slice of layout.slices) inputs[slice.name] = wholeSlice('parameters', slice);
  layout.ranges.forEach((range, i) => {
    const state = stateInputs(range, i);
    const next = adamUpdate(state, flatten(parts[i]), factor, factors, adam);
    for (const buffer of stateBuffers) {
      const place: BufferSlice = { buffer, offset: range.offset, dims: [range.length] };
      inputs[`${buffer}.${i}`] = place;
      outputs[`next.${buffer}.${i}`] = place;
      program[`next.${buffer}.${i}`] = next[buffer];
    }
  });
  return { program, bindings: { inputs, outputs } };
}

/** The gradients of a range: of whole parameters, or a piece of one. */
function partsOf(
  { parameters, from, length }: UpdateRange,
  gradients: ReadonlyMap<string, Node>,
): readonly Node[] {
  const whole = parameters.map((name) => gradients.get(name)!);
  return from === undefined ? whole : [slice(flatten(whole), 0, from, from + length)];
}

function stateInputs(
  { length }: UpdateRange,
  i: number,
): Readonly<Record<(typeof stateBuffers)[number], Node>> {
  return {
    parameters: input(`parameters.${i}`, [length]),
    firstMoment: input(`firstMoment.${i}`, [length]),
    secondMoment: input(`secondMoment.${i}`, [length]),
  };
}
