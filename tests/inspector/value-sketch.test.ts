import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueSketch } from '#csflow/inspector/value-sketch.js';

fc.configureGlobal({ seed: 2022 });

describe('valueSketch', () => {
  it('knows every quantile to within 2⁻¹¹, whatever the values and however they arrive', () => {
    const value = fc.float({ min: 0, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (chunks, share) => {
          const sketch = valueSketch();
          for (const chunk of chunks) sketch.add(Float32Array.from(chunk));
          const falling = chunks.flat().sort((a, b) => b - a);
          expect(sketch.count).toBe(falling.length);
          const [found] = sketch.upperQuantiles([share]);
          // Exactly this many values may lie above; the next one is the quantile.
          const rank = Math.floor(share * falling.length);
          const expected = falling[rank] ?? 0;
          const bin = Math.max(expected * 2 ** -11, 2 ** -137);
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(bin);
        },
      ),
    );
  });

  it('gives several quantiles in the order of the shares', () => {
    const sketch = valueSketch();
    sketch.add(Float32Array.from({ length: 1000 }, (_, i) => i + 1));
    const found = sketch.upperQuantiles([0.5, 0.1, 0.01, 0.001]);
    [500, 900, 990, 999].forEach((expected, i) => expect(found[i] / expected).toBeCloseTo(1, 2));
  });

  it('refuses what no map holds, and a quantile of nothing', () => {
    const sketch = valueSketch();
    expect(() => sketch.upperQuantiles([0.1])).toThrow('expected some to have been counted');
    expect(() => sketch.add(Float32Array.of(1, NaN))).toThrow(
      'values[1]: expected a finite number from 0, got NaN',
    );
    expect(() => sketch.add(Float32Array.of(-1))).toThrow('values[0]');
    expect(() => sketch.add(Float32Array.of(0, 0, Infinity))).toThrow('values[2]');
  });
});
