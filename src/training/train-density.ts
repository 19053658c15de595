import type { ParameterValues } from '../csflow/index.js';
import { UserError } from '../errors.js';
import {
  actNormStartProgram,
  normalNegativeLogLikelihood,
  type FlowModel,
  type InvertibleModule,
} from '../flow/index.js';
import { constant, gradients, input, lower, writeOnnx, type Node } from '../graph/index.js';
import { valuesOf, type Device, type Session } from '../runtime/session.js';
import { NumpyRandom } from '../tensor/numpy-random.js';
import { elementCount, floatTensor, samplesAt, type FloatTensor } from '../tensor/tensor.js';
import { adamFeeds, type AdamOptions } from './adam.js';
import { layoutParameters, packParameters, unpackParameters } from './parameter-buffer.js';
import { dropState, parameterUpdate, placeState } from './parameter-update.js';
import { learningRateAt, type Schedule } from './recipe.js';

export interface DensityTraining {
  readonly device: Device;
  readonly steps: number;
  /** Samples a step; default 128, at most as many as there are. */
  readonly batch?: number;
  /** Default: one cycle up to 2e-3. */
  readonly schedule?: Schedule;
  readonly adam?: AdamOptions;
  /** Draws the starting weights and the batches; default 0. */
  readonly seed?: number;
  /** After each step: steps done, counted from 1, and the loss before it, in nats a dimension without ½ log 2π. */
  readonly onStep?: (step: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

const defaultSchedule: Schedule = { kind: 'one-cycle', learningRate: 2e-3, warmUp: 0.1 };
const densityAdam: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/**
 * Trains a flow on samples [n, …] by maximum likelihood. Its ActNorms start from the first batch.
 * @returns the learned values by name, for `densityModule`
 * @throws UserError where the loss is no longer finite; RangeError for samples of another shape than the model's
 */
export async function trainDensity(
  model: FlowModel,
  samples: FloatTensor,
  options: DensityTraining,
): Promise<ParameterValues> {
  const { device, steps, schedule = defaultSchedule, adam = densityAdam, seed = 0, signal } = options;
  const sampleLength = elementCount(model.sampleDims);
  const [count] = samples.dims;
  if (samples.dims.slice(1).join() !== model.sampleDims.join()) {
    throw new RangeError(
      `samples: expected [n, ${model.sampleDims.join(', ')}], got [${samples.dims.join(', ')}]`,
    );
  }
  for (const [name, value] of Object.entries({ samples: count, steps, batch: options.batch ?? 1 })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name}: expected a whole number from 1, got ${value}`);
    }
  }
  const batch = Math.min(options.batch ?? 128, count);
  const random = new NumpyRandom(seed);
  const take = (indices: Int32Array): FloatTensor =>
    floatTensor(
      [batch, ...model.sampleDims],
      samplesAt(samples.data, sampleLength, indices.subarray(0, batch)),
    );
  let order = random.permutation(count);
  const start = await startingValues(model, take(order), device, random);

  const layout = layoutParameters(model.parameters, 'NCHW');
  const nodes = new Map(layout.slices.map(({ name, dims }) => [name, input(name, dims)]));
  const flow = model.module({ parameter: (name) => nodes.get(name)!, batch });
  const latents = flow.forward([input('x0', [batch, ...model.sampleDims])]);
  const loss = normalNegativeLogLikelihood(latents, batch, sampleLength);
  const names = [...nodes.keys()];
  const found = gradients(loss, [...nodes.values()]);
  const update = parameterUpdate(loss, layout, new Map(names.map((name, i) => [name, found[i]])), { adam });
  let session: Session | undefined;
  try {
    await placeState(device, packParameters(layout, start));
    session = await device.compile(
      writeOnnx(lower({ loss, ...update.program }), { name: 'density-step', firstOutput: 'done' }),
      update.bindings,
    );
    for (let step = 1, next = 0; step <= steps; step++, next += batch) {
      signal?.throwIfAborted();
      if (next + batch > count) {
        order = random.permutation(count);
        next = 0;
      }
      const results = await session.run({
        x0: take(order.subarray(next, next + batch)),
        ...adamFeeds(step, learningRateAt(schedule, (step - 1) / steps), adam),
      });
      const [value] = valuesOf(results, 'loss', 'float32');
      if (!Number.isFinite(value)) {
        throw new UserError(
          `training: expected a finite loss, got ${value} at step ${step}; try a lower learning rate or a smaller clamp`,
        );
      }
      options.onStep?.(step, value);
    }
    return unpackParameters(layout, await device.readBuffer('parameters'));
  } finally {
    try {
      await session?.close();
    } finally {
      await dropState(device);
    }
  }
}

/** A model with its learned values as constants. */
export function densityModule(model: FlowModel, values: ParameterValues): InvertibleModule {
  const nodes = constants(model, values);
  return model.module({ parameter: (name) => nodes.get(name)! });
}

function constants(model: FlowModel, values: ParameterValues): ReadonlyMap<string, Node> {
  return new Map(
    model.parameters.map(({ name, dims }) => [name, constant(floatTensor(dims, values.get(name)!))]),
  );
}

/** Drawn values, and those of the ActNorms from the first batch. */
async function startingValues(
  model: FlowModel,
  first: FloatTensor,
  device: Device,
  random: NumpyRandom,
): Promise<ParameterValues> {
  const drawn = new Map(model.parameters.map(({ name, start }) => [name, start(random)]));
  const nodes = constants(model, drawn);
  const program = actNormStartProgram(model, (name) => nodes.get(name)!, first.dims[0]);
  const names = Object.keys(program);
  if (names.length === 0) return drawn;
  const session = await device.compile(writeOnnx(lower(program), { name: 'actnorm-start' }));
  try {
    const results = await session.run({ x0: first });
    for (const name of names) drawn.set(name, valuesOf(results, name, 'float32'));
    return drawn;
  } finally {
    await session.close();
  }
}
