import {
  add,
  allAxes,
  atan,
  cast,
  clip,
  concat,
  conv,
  div,
  exp,
  gather,
  gradients,
  input,
  leakyRelu,
  lower,
  mul,
  permutations,
  reduceSum,
  reduceSumSquare,
  reshape,
  resizeImage,
  scalar,
  scale,
  sigmoid,
  slice,
  sqrt,
  square,
  sub,
  transpose,
  weightDims,
  writeOnnx,
  type ConvGeometry,
  type Node,
} from '../graph/index.js';
import { elementCount, floatTensor } from '../tensor/tensor.js';
import type { Bindings, BufferSlice, Feeds } from './session.js';

/** A program with what it is fed and what it works on. */
export interface ProbeProgram {
  readonly model: Uint8Array;
  readonly feeds: Feeds;
  readonly bindings: Bindings;
  /** Starting values of the buffers it is bound to, by name. */
  readonly buffers: Readonly<Record<string, Float32Array>>;
}

/** Values from −1 to 1 that repeat nowhere near. */
const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase + 0.01 * i * i));

const [samples, channels, side, hidden] = [2, 4, 8, 6];
const half = channels / 2;

const convolution = (stride: number): ConvGeometry => ({
  strides: [stride, stride],
  pads: [1, 1, 1, 1],
  groups: 1,
  layout: 'HWNC',
});

const weights = (inputs: number, outputs: number): readonly number[] =>
  weightDims('HWNC', { outputs, inputs, height: 3, width: 3 });

/** The learned values, one after another in a buffer. */
const learned: Readonly<Record<string, readonly number[]>> = {
  first: weights(half, hidden),
  bias: [hidden],
  second: weights(hidden, channels),
  down: weights(half, hidden),
};

/**
 * A training step in little, with what one of CS-Flow has: a permutation, an affine coupling whose subnet convolves at
 * strides 1 and 2, the loss, all gradients, their norm, clipping, and an update that is written over the values it
 * reads. Outputs loss and norm.
 */
export function probeStep(): ProbeProgram {
  let length = 0;
  const places = Object.entries(learned).map(([name, dims]): readonly [string, BufferSlice] => {
    const place = { buffer: 'parameters', offset: length, dims };
    length += elementCount(dims);
    return [name, place];
  });
  const parameters = new Map(places.map(([name, { dims }]) => [name, input(name, dims)]));
  const nats = loss((name) => parameters.get(name)!);
  const found = gradients(nats, [...parameters.values()]);
  const squares = found.map((gradient) => reduceSumSquare(gradient, allAxes(gradient)));
  const norm = add(sqrt(squares.reduce((sum, one) => add(sum, one))), scale(nats, 0));
  const factor = clip(div(scalar(0.5), add(norm, scalar(1e-6))), 0, 1);
  const flat = concat(
    found.map((gradient) => reshape(gradient, [elementCount(gradient.type.dims as readonly number[])])),
    0,
  );
  const gradient = mul(flat, factor);
  const [values, moment] = ['parameters', 'moment'].map((name) => input(`all.${name}`, [length]));
  const nextMoment = add(scale(moment, 0.9), square(gradient));
  const step = div(gradient, add(sqrt(nextMoment), scalar(0.1)));
  const program = {
    loss: nats,
    norm,
    'next.parameters': sub(values, mul(step, input('stepSize', []))),
    'next.moment': nextMoment,
  };
  const whole = (buffer: string): BufferSlice => ({ buffer, offset: 0, dims: [length] });
  return {
    model: writeOnnx(lower(program), { name: 'probe-step', firstOutput: 'done', hideShapes: true }),
    feeds: {
      x: floatTensor([samples, channels, side, side], wave(samples * channels * side * side, 1)),
      stepSize: floatTensor([], [0.1]),
    },
    bindings: {
      inputs: {
        ...Object.fromEntries(places),
        'all.parameters': whole('parameters'),
        'all.moment': whole('moment'),
      },
      outputs: { 'next.parameters': whole('parameters'), 'next.moment': whole('moment') },
    },
    buffers: { parameters: wave(length, 2).map((value) => 0.3 * value), moment: new Float32Array(length) },
  };
}

/** Twice the same coupling, so that one reads what another has computed. */
function loss(parameter: (name: string) => Node): Node {
  const maps = transpose(input('x', [samples, channels, side, side]), permutations.toHwnc);
  const first = coupling(maps, parameter);
  const second = coupling(first.maps, parameter);
  const coarse = leakyRelu(conv(first.kept, parameter('down'), undefined, convolution(2)), 0.1);
  const energy = scale(add(sum(square(second.maps)), sum(square(coarse))), 0.5);
  const logDet = add(sum(first.logScale), sum(second.logScale));
  return scale(sub(energy, logDet), 1 / (samples * channels * side * side));
}

function coupling(maps: Node, parameter: (name: string) => Node) {
  const mixed = gather(maps, 3, [2, 0, 3, 1]);
  const [kept, changed] = [slice(mixed, 3, 0, half), slice(mixed, 3, half, channels)];
  const seen = add(conv(kept, parameter('first'), undefined, convolution(1)), parameter('bias'));
  const said = conv(leakyRelu(seen, 0.1), parameter('second'), undefined, convolution(1));
  const [scales, shifts] = [slice(said, 3, 0, half), slice(said, 3, half, channels)];
  const logScale = scale(atan(scale(scales, 1 / 3)), 1.9);
  const latent = clip(concat([kept, add(mul(exp(logScale), changed), shifts)], 3), -1e6, 1e6);
  return { maps: latent, kept, logScale };
}

const sum = (x: Node): Node => reduceSum(x, allAxes(x));

/** Pictures through layers as a backbone has them: resized, convolved, by channel, added and gated. Output features. */
export function probeFeatures(): ProbeProgram {
  const [height, width] = [24, 20];
  const image = input('image', [1, height, width, 3], 'uint8');
  const pixels = transpose(cast(resizeImage(image, 16, 16), 'float32'), [0, 3, 1, 2]);
  const geometry = (groups: number): ConvGeometry => ({
    strides: [2, 2],
    pads: [0, 0, 1, 1],
    groups,
    layout: 'NCHW',
  });
  const normalised = scale(sub(pixels, scalar(127)), 1 / 128);
  const maps = clip(conv(normalised, input('stem', [4, 3, 3, 3]), input('stemBias', [4]), geometry(1)), 0, 6);
  const deep = conv(maps, input('depthwise', [4, 1, 3, 3]), undefined, geometry(4));
  const picked = slice(slice(maps, 2, 0, 8, 2), 3, 0, 8, 2);
  const joined = add(deep, picked);
  const features = mul(joined, sigmoid(scale(reduceSum(joined, [2, 3], true), 1 / 16)));
  return {
    model: writeOnnx(lower({ features }), { name: 'probe-features' }),
    feeds: {
      image: {
        dtype: 'uint8',
        dims: [1, height, width, 3],
        data: Uint8Array.from(wave(height * width * 3, 3), (value) => 127 + 120 * value),
      },
      stem: floatTensor([4, 3, 3, 3], wave(108, 4)),
      stemBias: floatTensor([4], wave(4, 5)),
      depthwise: floatTensor([4, 1, 3, 3], wave(36, 6)),
    },
    bindings: {},
    buffers: {},
  };
}
