import { UserError } from '../../errors.js';

export interface SampleDataSettings {
  /** What is drawn; the same seed and size give the same pixels. Default 0. */
  readonly seed: number;
  /** Side of the square pictures in pixels, 64 … 4096. Default 256. */
  readonly size: number;
  /** Good training pictures. Default 60. */
  readonly trainGood: number;
  /** Good test pictures. Default 20. */
  readonly testGood: number;
  /** Test pictures of each defect. Default 10. */
  readonly defectsPerClass: number;
}

const DEFAULTS: SampleDataSettings = { seed: 0, size: 256, trainGood: 60, testGood: 20, defectsPerClass: 10 };

const LIMITS: Readonly<Record<keyof SampleDataSettings, readonly [from: number, to: number]>> = {
  seed: [0, 0xffffffff],
  size: [64, 4096],
  trainGood: [1, 100_000],
  testGood: [0, 100_000],
  defectsPerClass: [0, 100_000],
};

/** @throws UserError naming the setting and its limits */
export function completeSettings(
  given: Partial<Record<keyof SampleDataSettings, unknown>>,
): SampleDataSettings {
  const checked = (name: keyof SampleDataSettings): number => {
    const value = given[name] ?? DEFAULTS[name];
    const [from, to] = LIMITS[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    throw new UserError(
      `sample data: ${name}: expected a whole number from ${from} to ${to}, got ${JSON.stringify(value)}`,
    );
  };
  return {
    seed: checked('seed'),
    size: checked('size'),
    trainGood: checked('trainGood'),
    testGood: checked('testGood'),
    defectsPerClass: checked('defectsPerClass'),
  };
}
