import { describe, expect, it } from 'vitest';
import * as g from '#csflow/graph/index.js';

const x = g.input('x', [2, 3, 8, 8]);
const geometry = { strides: [1, 1], pads: [1, 1, 1, 1], groups: 1, layout: 'NCHW' } as const;
const matrix = (rows: number, columns: number) => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
});

describe('a shape that does not fit names the op, what it expected and what came', () => {
  const cases: readonly [string, () => g.Node, RegExp][] = [
    [
      'Add',
      () => g.add(x, g.input('b', [4])),
      /^Add: expected two shapes that broadcast, got float32 \[2, 3, 8, 8\] and float32 \[4\]$/,
    ],
    ['dtype', () => g.exp(g.input('u', [2], 'uint8')), /^Exp: expected one float32 tensor, got uint8 \[2\]$/],
    ['Reshape', () => g.reshape(x, [5]), /^Reshape: expected as many elements as \[5\] has/],
    ['Reshape of a named side', () => g.reshape(g.input('n', ['N', 2]), [2]), /^Reshape/],
    [
      'Transpose',
      () => g.transpose(x, [0, 1, 1, 2]),
      /^Transpose: expected a tensor of rank 4 and each axis once/,
    ],
    ['Expand', () => g.expand(x, [8, 8]), /^Expand: .*\[8, 8\]/],
    ['Slice', () => g.slice(x, 1, 2, 9), /^Slice: .*axis 1.*\[2:9:1\]/],
    [
      'Slice twice on one axis',
      () =>
        g.sliceRanges(x, [
          { axis: 1, start: 0, end: 1, step: 1 },
          { axis: 1, start: 0, end: 1, step: 1 },
        ]),
      /^Slice: expected distinct axes/,
    ],
    [
      'Concat',
      () => g.concat([x, g.input('b', [2, 3, 8, 7])], 1),
      /^Concat: expected tensors that differ only along axis 1/,
    ],
    ['Pad', () => g.pad(x, 1, -1, 0), /^Pad: .*axis 1/],
    ['Gather', () => g.gather(x, 1, [3]), /^Gather: expected indices below the length of axis 1/],
    ['ReduceSum', () => g.reduceSum(x, [1, 1]), /^ReduceSum: expected distinct axes below the rank/],
    [
      'MatMul',
      () => g.matMul(g.input('a', [2, 3]), g.input('b', [4, 2])),
      /^MatMul: expected as many columns on the left/,
    ],
    [
      'Conv channels',
      () => g.conv(x, g.input('w', [4, 2, 3, 3]), undefined, geometry),
      /^Conv: expected x with as many channels/,
    ],
    [
      'Conv bias',
      () => g.conv(x, g.input('w', [4, 3, 3, 3]), g.input('b', [3]), geometry),
      /^Conv: expected a bias \[4\]/,
    ],
    [
      'Conv too small',
      () =>
        g.conv(g.input('s', [1, 3, 1, 1]), g.input('w', [4, 3, 5, 5]), undefined, {
          ...geometry,
          pads: [0, 0, 0, 0],
        }),
      /at least as large as the kernel 5×5/,
    ],
    [
      'ConvWeightGradient',
      () => g.convWeightGradient(x, g.input('dy', [2, 4, 8, 7]), geometry, [4, 3, 3, 3]),
      /^ConvWeightGradient: expected dy \[2, 4, 8, 8\]/,
    ],
    [
      'ConvInputGradient',
      () =>
        g.convInputGradient(g.input('dy', [2, 4, 7, 8]), g.input('w', [4, 3, 3, 3]), geometry, [2, 3, 8, 8]),
      /^ConvInputGradient: expected dy \[2, 4, 8, 8\]/,
    ],
    [
      'SpatialMap',
      () => g.spatialMap(x, 2, matrix(16, 7), matrix(16, 8)),
      /^SpatialMap: expected a float32 tensor with sides 7, 8 from axis 2/,
    ],
    ['ResizeImage', () => g.resizeImage(x, 4, 4), /^ResizeImage: expected a uint8 tensor/],
  ];
  it.each(cases)('%s', (_, build, message) => expect(build).toThrow(message));
});

describe('shapes that fit', () => {
  it.each([
    [1, 8],
    [2, 4],
  ])('a convolution of stride %i gives a side of %i', (stride, side) => {
    const y = g.conv(x, g.input('w', [5, 3, 3, 3]), undefined, { ...geometry, strides: [stride, stride] });
    expect(y.type).toEqual({ dtype: 'float32', dims: [2, 5, side, side] });
  });

  it('keeps a named side through broadcasting, slicing and products', () => {
    const n = g.input('n', ['N', 4, 6]);
    expect(g.add(n, g.input('b', [4, 1])).type.dims).toEqual(['N', 4, 6]);
    expect(g.slice(n, 2, 1, 6, 2).type.dims).toEqual(['N', 4, 3]);
    expect(g.matMul(n, g.input('m', [6, 5])).type.dims).toEqual(['N', 4, 5]);
  });
});
