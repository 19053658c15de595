import { lower, precompute, topologicalOrder, writeOnnx, type Node, type Program } from '../graph/index.js';
import type { BufferSlice, Device, Session } from '../runtime/session.js';
import { elementCount, type FloatTensor } from '../tensor/tensor.js';
import { inferenceLowering, type FrozenWeights } from './frozen-flow.js';

export interface FrozenSessionOptions {
  /** Of the graph, and of the weights on the device. */
  readonly name: string;
}

/** Sessions opened so far: two that are open at once must not share weights. */
let opened = 0;

/**
 * Compiles a program with a frozen flow in it. Those weights that are inputs, or what they are transformed to, stay on
 * the device until the session is closed.
 */
export async function compileFrozen(
  device: Device,
  program: Program,
  frozen: FrozenWeights,
  { name }: FrozenSessionOptions,
): Promise<Session> {
  const { weights, givenUp } = frozen;
  return placeAndCompile(device, plannedModel(program, frozen, name), weights, { name, givenUp });
}

/**
 * Without the program and the frozen flow, so that their constants are not held while the model, which has them too, is
 * compiled: an asynchronous function holds its arguments until it ends.
 */
async function placeAndCompile(
  device: Device,
  { model, inputs, transforms }: PlannedModel,
  weights: Map<string, FloatTensor>,
  { name, givenUp }: FrozenSessionOptions & Pick<FrozenWeights, 'givenUp'>,
): Promise<Session> {
  // Callers go on, and let go of the program.
  await Promise.resolve();
  opened++;
  const place = `${name} ${opened}: `;
  const placed = new Set<string>();
  const createBuffer = async (input: string, values: Float32Array | number): Promise<void> => {
    placed.add(input);
    await device.createBuffer(place + input, values, { givenUp });
  };
  const dropBuffer = async (input: string): Promise<void> => {
    placed.delete(input);
    await device.dropBuffer(place + input);
  };
  const dropAll = async (): Promise<void> => {
    for (const input of placed) await dropBuffer(input);
  };
  const slicesOf = (inputs: readonly NodeInput[]): Record<string, BufferSlice> =>
    Object.fromEntries(inputs.map(({ name, dims }) => [name, { buffer: place + name, offset: 0, dims }]));
  const take = (weight: string): Float32Array => {
    const { data } = weights.get(weight)!;
    if (givenUp) weights.delete(weight);
    return data;
  };
  /** A weight's transform is computed where it stays; the weight itself only passes by. */
  const transform = async ({ name: transformed, dims, from, model }: Transform): Promise<void> => {
    await createBuffer(from.name, take(from.name));
    await createBuffer(transformed, elementCount(dims));
    const outputs = slicesOf([{ name: transformed, dims }]);
    const session = await device.compile(model, { inputs: slicesOf([from]), outputs });
    try {
      await session.run({});
    } finally {
      await session.close();
    }
    await dropBuffer(from.name);
  };
  try {
    const asTheyAre = inputs.filter(({ name }) => weights.has(name));
    for (const each of transforms) await transform(each);
    for (const { name } of asTheyAre) await createBuffer(name, take(name));
    const session = await device.compile(model, { inputs: slicesOf([...asTheyAre, ...transforms]) });
    return {
      ...session,
      async close() {
        try {
          await session.close();
        } finally {
          await dropAll();
        }
      },
    };
  } catch (error) {
    await dropAll();
    throw error;
  }
}

interface NodeInput {
  readonly name: string;
  readonly dims: readonly number[];
}

/** A weight's transform, as a model of its own. */
interface Transform extends NodeInput {
  readonly from: NodeInput;
  readonly model: Uint8Array;
}

const inputsOf = (program: Program): readonly NodeInput[] =>
  topologicalOrder(Object.values(program)).flatMap((node) =>
    node.op === 'Input' ? [{ name: node.attributes.name, dims: node.type.dims as readonly number[] }] : [],
  );

function transformOf(name: string, node: Node): Transform {
  const program = { [name]: node };
  const [from, ...others] = inputsOf(program);
  if (from === undefined || others.length > 0)
    throw new TypeError(`${name}: expected one weight's transform`);
  // ONNX Runtime copies each output once more, unless the first is none that it can hand out.
  const model = writeOnnx(program, { name: 'transform', firstOutput: 'done' });
  return { name, dims: node.type.dims as readonly number[], from, model };
}

/** What is compiled, and what is computed before it. */
interface PlannedModel {
  readonly model: Uint8Array;
  readonly inputs: readonly NodeInput[];
  readonly transforms: readonly Transform[];
}

function plannedModel(program: Program, { plan, weights }: FrozenWeights, name: string): PlannedModel {
  const lowered = lower(program, inferenceLowering(plan));
  const { program: main, values } =
    plan.weights === 'transformed'
      ? precompute(lowered, new Set(weights.keys()))
      : { program: lowered, values: new Map<string, Node>() };
  return {
    model: writeOnnx(main, { name, hideShapes: weights.size > 0 }),
    inputs: inputsOf(main),
    transforms: [...values].map(([transformed, node]) => transformOf(transformed, node)),
  };
}
