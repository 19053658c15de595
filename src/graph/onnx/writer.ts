import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  TypeProto_SequenceSchema,
  type TypeProto,
  type ValueInfoProto,
} from 'onnx-buf';
import type { Tensor } from '../../tensor/tensor.js';
import type { Node, TensorType } from '../ops.js';
import type { Program } from '../program.js';
import { assembleModel, type NamedConstant } from './assemble.js';
import { emitNode, isWritten, onnxDtype } from './emission.js';
import type { Attributes, AttributeValue, Emitter } from './emitter.js';
import { writingOrder } from './writing-order.js';

const opset = 18n;
const irVersion = 8n;

export interface ModelText {
  /** Name of the graph. */
  readonly name?: string;
  /** `metadata_props` of the model. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * A first output of this name that holds a sequence with the program's first result. Where a runtime cannot hand
   * out sequences, it stops before it copies any other output.
   */
  readonly firstOutput?: string;
  /**
   * Leaves the sides of inputs and the last side of each Reshape open. ONNX Runtime plans the memory of values whose
   * shape it knows ahead: one that has no more use is kept for the next of its shape, however long that takes.
   * Values of unknown shape are freed after their last use. A shape known in one place spreads, so repeated values, what
   * products read and gathered indices get theirs as the program runs.
   */
  readonly hideShapes?: boolean;
  /** Results that are named and described (`value_info`) but are no outputs; `withOnnxOutputs` makes them some. */
  readonly inner?: readonly string[];
}

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if ('float' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function tensorType({ dtype, dims }: TensorType): TypeProto {
  const dim = dims.map((side) => ({
    value:
      typeof side === 'number'
        ? ({ case: 'dimValue', value: BigInt(side) } as const)
        : ({ case: 'dimParam', value: side } as const),
  }));
  return create(TypeProtoSchema, {
    value: { case: 'tensorType', value: { elemType: onnxDtype[dtype], shape: { dim } } },
  });
}

/** As many sides, each of unknown length. */
const openType = ({ dtype, dims }: TensorType): TensorType => ({ dtype, dims: dims.map(() => '') });

const valueInfo = (name: string, type: TensorType): ValueInfoProto =>
  create(ValueInfoProtoSchema, { name, type: tensorType(type) });

const sequenceInfo = (name: string, of: TensorType): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: { case: 'sequenceType', value: create(TypeProto_SequenceSchema, { elemType: tensorType(of) }) },
    }),
  });

/** An input and its first side: what a runtime learns only as the program runs, where shapes are hidden. */
interface Measured {
  readonly input: string;
  readonly length: number;
}

function measuredInput(order: readonly Node[]): Measured | undefined {
  for (const node of order) {
    const [length] = node.type.dims;
    if (node.op === 'Input' && typeof length === 'number' && length > 0)
      return { input: node.attributes.name, length };
  }
  return undefined;
}

class ModelEmitter implements Emitter {
  readonly nodes: NodeProto[] = [];
  readonly constants: NamedConstant[] = [];
  readonly #named = new Map<string, string>();
  readonly #constantNames = new Set<string>();
  readonly #measured: Measured | undefined;
  #next = 0;

  /** @param measured the side that shapes are hidden behind */
  constructor(measured?: Measured) {
    this.#measured = measured;
  }

  get hidesShapes(): boolean {
    return this.#measured !== undefined;
  }

  op(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#name('v');
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.nodes.push(
      create(NodeProtoSchema, { opType: type, input: [...inputs], output: [output], attribute }),
    );
    return output;
  }

  constant(value: Tensor, name = this.#name('c')): string {
    if (this.#constantNames.has(name))
      throw new TypeError(`constant ${name}: two different ones of this name`);
    this.#constantNames.add(name);
    this.constants.push({ name, value });
    return name;
  }

  scalar(value: number): string {
    return this.#once(`f${value}`, { dtype: 'float32', dims: [], data: Float32Array.of(value) });
  }

  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#once(`i${values.join()}`, { dtype: 'int64', dims: [values.length], data });
  }

  sides(values: readonly number[]): string {
    if (this.#measured === undefined) return this.integers(values);
    const { input, length } = this.#measured;
    const key = `s${values.join()}`;
    let known = this.#named.get(key);
    if (known === undefined) {
      const first = this.op('Slice', [this.op('Shape', [input]), this.integers([0]), this.integers([1])]);
      const one = this.op('Div', [first, this.integers([length])]);
      known = this.op('Mul', [this.integers(values), one]);
      this.#named.set(key, known);
    }
    return known;
  }

  /**
   * Gives computed values their public names. An Identity, which is one more copy, stands only where a value is
   * no op's own: an input handed through, a constant, a second name.
   */
  publish(publicNames: ReadonlyMap<string, readonly string[]>): void {
    const computed = new Set(this.nodes.flatMap((node) => node.output));
    const renamed = new Map<string, string>();
    for (const [value, [first, ...others]] of publicNames) {
      if (computed.has(value)) renamed.set(value, first);
      const copies = computed.has(value) ? others : [first, ...others];
      for (const copy of copies) {
        this.nodes.push(create(NodeProtoSchema, { opType: 'Identity', input: [value], output: [copy] }));
      }
    }
    for (const node of this.nodes) {
      node.input = node.input.map((value) => renamed.get(value) ?? value);
      node.output = node.output.map((value) => renamed.get(value) ?? value);
    }
  }

  #once(key: string, value: Tensor): string {
    const known = this.#named.get(key) ?? this.constant(value);
    this.#named.set(key, known);
    return known;
  }

  #name(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }
}

/**
 * Writes a lowered program as an ONNX model of the standard domain (opset 18).
 * @throws TypeError naming an op that no lowering has replaced
 */
export function writeOnnx(
  program: Program,
  { name = 'csflow', metadata = {}, firstOutput, hideShapes = false, inner = [] }: ModelText = {},
): Uint8Array {
  const order = writingOrder(program);
  const emitter = new ModelEmitter(hideShapes ? measuredInput(order) : undefined);
  const names = new Map<Node, string>();
  const inputs: ValueInfoProto[] = [];
  for (const node of order) {
    if (node.op === 'Input') {
      names.set(node, node.attributes.name);
      inputs.push(valueInfo(node.attributes.name, hideShapes ? openType(node.type) : node.type));
    } else if (node.op === 'Constant') {
      const { value, name } = node.attributes;
      names.set(node, emitter.constant(value, name));
    } else if (isWritten(node)) {
      const inputNames = node.inputs.map((x) => names.get(x)!);
      names.set(node, emitNode(node, inputNames, emitter));
    } else throw new TypeError(`${node.op}: has no ONNX form, expected a lowering to have replaced it`);
  }
  const publicNames = new Map<string, string[]>();
  for (const [output, node] of Object.entries(program)) {
    const value = names.get(node)!;
    publicNames.set(value, [...(publicNames.get(value) ?? []), output]);
  }
  emitter.publish(publicNames);
  const described = (results: readonly (readonly [string, Node])[]) =>
    results.map(([result, node]) => valueInfo(result, node.type));
  const all = Object.entries(program);
  const outputs = described(all.filter(([result]) => !inner.includes(result)));
  const valueInfos = described(all.filter(([result]) => inner.includes(result)));
  const [first] = all;
  if (firstOutput !== undefined) {
    emitter.nodes.push(
      create(NodeProtoSchema, { opType: 'SequenceConstruct', input: [first[0]], output: [firstOutput] }),
    );
    outputs.unshift(sequenceInfo(firstOutput, first[1].type));
  }
  const model = create(ModelProtoSchema, {
    irVersion,
    producerName: 'csflow',
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  const graph = create(GraphProtoSchema, {
    name,
    node: emitter.nodes,
    input: inputs,
    output: outputs,
    valueInfo: valueInfos,
  });
  return assembleModel(model, graph, emitter.constants);
}
