import type { Tensor } from '../../tensor/tensor.js';

export type AttributeValue = number | { readonly float: number } | string | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** What an op's emission may do: append ONNX nodes and constants; each returns the name of its value. */
export interface Emitter {
  /** Whether sides that only the values tell are left out where they can be. */
  readonly hidesShapes: boolean;
  op(type: string, inputs: readonly string[], attributes?: Attributes): string;
  constant(value: Tensor, name?: string): string;
  scalar(value: number): string;
  integers(values: readonly number[]): string;
  /** Numbers that sides are made of: with hidden shapes, nobody knows them before the program runs. */
  sides(values: readonly number[]): string;
}
