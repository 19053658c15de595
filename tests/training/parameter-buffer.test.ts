import { describe, expect, it } from 'vitest';
import { drawParameters, parameterSpecs } from '#csflow/csflow/index.js';
import {
  layoutParameters,
  packDrawn,
  packParameters,
  unpackParameters,
} from '#csflow/training/parameter-buffer.js';
import { smallConfiguration } from './drawn-features.js';

const spec = (name: string, length: number) => ({ name, dims: [length] });

describe('ranges of an update', () => {
  const specs = [
    spec('bias', 100),
    spec('gamma', 1),
    spec('weight', 1_000_001),
    spec('next', 200),
    spec('last', 300_000),
  ];
  const { ranges, length } = layoutParameters(specs, 'NCHW');

  it('cover every value once, in order', () => {
    let end = 0;
    for (const { offset, length: values } of ranges) {
      expect(offset).toBe(end);
      expect(values).toBeGreaterThan(0);
      end += values;
    }
    expect(end).toBe(length);
    expect(length).toBe(1_300_302);
  });

  it('join small parameters and divide large ones, where they can by the length of another', () => {
    expect(ranges.map(({ parameters }) => parameters)).toEqual([
      ['bias', 'gamma'],
      ['weight'],
      ['weight'],
      ['weight'],
      ['weight'],
      ['next'],
      ['last'],
    ]);
    expect(ranges.map(({ from }) => from)).toEqual([
      undefined,
      0,
      300_000,
      600_000,
      900_000,
      undefined,
      undefined,
    ]);
  });

  it('are few, however many values there are', () => {
    const many = layoutParameters([spec('huge', 2 ** 30), spec('small', 5)], 'NCHW').ranges;
    expect(many.length).toBeLessThanOrEqual(257);
    expect(many.at(-1)).toEqual({ offset: 2 ** 30, length: 5, parameters: ['small'] });
  });
});

describe.each(['NCHW', 'HWNC'] as const)('a buffer in %s', (order) => {
  const layout = layoutParameters(parameterSpecs(smallConfiguration), order);
  const drawn = new Map(drawParameters(smallConfiguration, 7));

  it('gives back what it was packed from', () => {
    const packed = packParameters(layout, drawn);
    expect(unpackParameters(layout, packed)).toEqual(drawn);
    const slice = layout.slices.find(({ dims }) => dims.length === 4)!;
    const first = packed.subarray(slice.offset, slice.offset + drawn.get(slice.name)!.length);
    expect(Buffer.compare(bytesOf(first), bytesOf(drawn.get(slice.name)!)) === 0).toBe(order === 'NCHW');
  });

  it('drawn in place holds what drawn parameters are packed to', () => {
    expect(packDrawn(layout, smallConfiguration, 7)).toEqual(packParameters(layout, drawn));
  });
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
