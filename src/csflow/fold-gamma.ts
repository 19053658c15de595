import type { FlowConfiguration } from './configuration.js';

/** Learned values by name, in the order of `parameterSpecs`: a map of them, or one after the other. */
export type ParameterSequence = Iterable<readonly [name: string, values: Float32Array]>;

const gammaName = /^(?<subnet>.*)\.gamma(?<scale>\d+)$/;
/** `conv_scale<s>_1`, `up_conv<from><s>`, `down_conv<from><s>`: a layer that adds to its subnet's output at scale s. */
const outputLayer =
  /^(?<subnet>.*)\.(?:conv_scale(?<own>\d)_1|(?:up|down)_conv\d(?<to>\d))\.(?:weight|bias)$/;

/** The same flow without gamma: each layer whose output it scales has it in its weight and bias. */
export function* withoutGamma(
  { gamma }: FlowConfiguration,
  parameters: ParameterSequence,
): Generator<readonly [name: string, values: Float32Array]> {
  const factors = new Map<string, number>();
  for (const [name, values] of parameters) {
    const own = gammaName.exec(name)?.groups;
    if (gamma && own !== undefined) {
      factors.set(`${own.subnet} ${own.scale}`, values[0]);
      continue;
    }
    const into = outputLayer.exec(name)?.groups;
    if (!gamma || into === undefined) {
      yield [name, values];
      continue;
    }
    const factor = factors.get(`${into.subnet} ${into.own ?? into.to}`);
    if (factor === undefined)
      throw new TypeError(`parameter ${name}: expected the gamma of its output before it`);
    yield [name, values.map((value) => value * factor)];
  }
}
