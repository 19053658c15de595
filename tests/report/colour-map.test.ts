import { describe, expect, it } from 'vitest';
import { inferno } from '#csflow/report/colour-map.js';

describe('inferno', () => {
  it('goes from black over red to pale yellow, and is clamped', () => {
    expect(inferno(0)).toEqual([0, 0, 4]);
    expect(inferno(1)).toEqual([252, 255, 164]);
    expect(inferno(-3)).toEqual(inferno(0));
    expect(inferno(Infinity)).toEqual(inferno(1));
    const [red, green, blue] = inferno(0.5);
    expect(red).toBeGreaterThan(2 * green);
    expect(red).toBeGreaterThan(blue);
  });

  it('grows lighter all the way without a jump', () => {
    const luma = ([r, g, b]: readonly number[]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
    for (let i = 1; i <= 200; i++) {
      const step = luma(inferno(i / 200)) - luma(inferno((i - 1) / 200));
      expect(step).toBeGreaterThan(0);
      expect(step).toBeLessThan(4);
    }
  });
});
