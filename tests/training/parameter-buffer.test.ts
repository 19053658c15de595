import { describe, expect, it } from 'vitest';
import { layoutParameters } from '#csflow/training/parameter-buffer.js';

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

  it('join small parameters and divide large ones', () => {
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
      250_001,
      500_002,
      750_003,
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
