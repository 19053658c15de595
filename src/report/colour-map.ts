/** Red, green and blue, 0 … 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * "Inferno" by Nathaniel Smith and Stéfan van der Walt (matplotlib 1.5, CC0), read at ten even steps: its
 * lightness grows evenly with the value, so that it is read rightly in grey and by colour-blind eyes too.
 */
const INFERNO: readonly Colour[] = [
  [0, 0, 4],
  [27, 12, 65],
  [74, 12, 107],
  [120, 28, 109],
  [165, 44, 96],
  [207, 68, 70],
  [237, 105, 37],
  [251, 155, 6],
  [247, 209, 61],
  [252, 255, 164],
];

/** The colour of a value from 0 (black) over red to 1 (pale yellow), linear between the steps; clamped. */
export function inferno(value: number): Colour {
  const position = Math.min(1, Math.max(0, value)) * (INFERNO.length - 1);
  const index = Math.min(Math.floor(position), INFERNO.length - 2);
  const share = position - index;
  const [r0, g0, b0] = INFERNO[index];
  const [r1, g1, b1] = INFERNO[index + 1];
  return [r0 + (r1 - r0) * share, g0 + (g1 - g0) * share, b0 + (b1 - b0) * share];
}
