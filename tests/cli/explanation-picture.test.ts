import { describe, expect, it } from 'vitest';
import { drawExplanation } from '#csflow/cli/explanation-picture.js';
import type { RgbImage } from '#csflow/data/types.js';
import type { Explanation, ScaleExplanation } from '#csflow/inspector/explain/explanation.js';
import { metadata } from '../report/html/drawn-report.js';

const [width, height] = [120, 80];
const picture: RgbImage = { width, height, data: new Uint8Array(3 * width * height).fill(90) };

const scaleOf = (scale: number, side: number, z2: number, distance: number): ScaleExplanation => ({
  scale,
  mapSize: [side, side],
  score: 0.1,
  share: 0.5,
  meanEnergy: z2 / 2,
  logDet: 0,
  map: new Float32Array(side * side).fill(z2),
  distance: new Float32Array(side * side).fill(distance ** 2),
});

/** An explanation whose maps have one value everywhere. */
function flat(z2: number, distance: number, more: Partial<Explanation> = {}): Explanation {
  return {
    score: 0.3,
    pValue: 0.5,
    defective: false,
    map: new Float32Array(16 * 16).fill(0.5),
    mapSize: [16, 16],
    scales: [scaleOf(0, 4, z2, distance), scaleOf(1, 2, z2, distance)],
    regionsFrom: 'pixel threshold',
    regionThreshold: 3,
    regions: [],
    expected: { inside: distance, outside: 0.1, unit: 'deviations' },
    logDet: 0,
    scoreWithLogDet: 0.3,
    bitsPerDimension: 1,
    roundTrip: { largestError: 1e-5, largestLatent: 3, reliable: true },
    ...more,
  };
}

/** Pixels of the picture's own grey; letters and bars have other levels. */
const untouched = ({ data }: RgbImage): number => {
  let count = 0;
  for (let i = 0; i < data.length; i += 3) if (data[i] === 90 && data[i + 1] === 90) count++;
  return count;
};
const area = width * height;
const draw = (explanation: Explanation) => drawExplanation(picture, explanation, metadata);

describe('the picture of an explanation', () => {
  it('leaves a part calm whose latents are as the flow expects, on every scale', async () => {
    expect(untouched(await draw(flat(1, 0.2)))).toBeGreaterThanOrEqual(6 * area);
    // Values that the combined map would show as rare mean nothing on a single scale.
    expect(untouched(await draw(flat(1.9, 0.95)))).toBeGreaterThanOrEqual(6 * area);
  });

  it('colours z² above twice what is expected, and distances above one deviation', async () => {
    const calm = untouched(await draw(flat(1, 0.2)));
    expect(untouched(await draw(flat(4, 0.2)))).toBeLessThanOrEqual(calm - 2 * area);
    expect(untouched(await draw(flat(1, 1.5)))).toBeLessThanOrEqual(calm - 2 * area);
  });

  it('says what the colours mean: below each row, and the outline only where it is the threshold', async () => {
    const above = await draw(flat(1, 0.2));
    // Titles and legends beside three rows of pictures.
    expect(above.height).toBeGreaterThan(3 * height + 3 * 60);
    const highest = await draw(flat(1, 0.2, { regionsFrom: 'highest hundredth' }));
    expect(highest.data).not.toEqual(above.data);
    const features = await draw(flat(1, 0.2, { expected: { inside: 1, outside: 1, unit: 'features' } }));
    expect(features.data).not.toEqual(above.data);
  });

  it('shows no distances where the inverse is not exact', async () => {
    const roundTrip = { largestError: NaN, largestLatent: 1e6, reliable: false };
    const noise = await draw(flat(1, NaN, { roundTrip }));
    expect(noise.height).toBeLessThan((await draw(flat(1, 0.2))).height - height);
    expect(untouched(noise)).toBeLessThan(5 * area);
  });
});
