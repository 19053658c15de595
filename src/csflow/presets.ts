import { defaultBackbone, defaultLayer, type BackboneChoice } from '../backbone/index.js';
import { UsageError } from '../errors.js';

/** A named size: what to look at, how large, how long. */
export interface Preset {
  readonly backbone: BackboneChoice;
  /** Height and width the pictures are resized to. */
  readonly size: readonly [height: number, width: number];
  readonly hidden: number;
  readonly kernels: readonly number[];
  readonly clamp: number;
  readonly epochs: number;
  /** Few images are seen more often, until at least so many steps are done. */
  readonly minimumSteps: number;
}

const presets = {
  /** For tests and first tries: seconds, not minutes. */
  tiny: {
    backbone: defaultBackbone,
    size: [128, 128],
    hidden: 16,
    kernels: [3, 3],
    clamp: 3,
    epochs: 8,
    minimumSteps: 60,
  },
  /** For two cores and some minutes. */
  small: {
    backbone: defaultBackbone,
    size: [384, 384],
    hidden: 64,
    kernels: [3, 3, 3, 5],
    clamp: 3,
    epochs: 16,
    minimumSteps: 300,
  },
  /** The size of CS-Flow as published (WACV 2022, §4.2 and its code). */
  paper: {
    backbone: { name: 'efficientnet-b5', layer: defaultLayer('efficientnet-b5') },
    size: [768, 768],
    hidden: 1024,
    kernels: [3, 3, 3, 5],
    clamp: 3,
    epochs: 240,
    minimumSteps: 1,
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as readonly PresetName[];

/** @throws UsageError naming the presets there are */
export function presetNamed(name: string): Preset {
  const preset = presetNames.find((known) => known === name);
  if (preset === undefined) throw new UsageError(`preset: expected ${presetNames.join(' or ')}, got ${name}`);
  return presets[preset];
}
