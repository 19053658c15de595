import { mapSizeAt, scales } from '../csflow/index.js';
import type { Device } from '../runtime/session.js';
import {
  featureSet,
  fitStandardisation,
  identityStandardisation,
  standardiseInPlace,
  trainFlow,
  type FeatureSet,
  type Standardisation,
  type TrainingEvent,
} from '../training/index.js';
import { exists, readCheckpoint, saveCheckpoint } from './checkpoint-file.node.js';
import type { ImageFeatures } from './extract-features.node.js';
import type { TrainingSettings } from './settings.js';
import type { TrainedFlow } from './trained-flow.js';

export interface FitOptions {
  readonly settings: TrainingSettings;
  /** Passes over the images. */
  readonly epochs: number;
  readonly seed: number;
  readonly device: Device;
  /** A flow to go on from, its transform of the features included; left out: one is drawn. */
  readonly start?: Pick<TrainedFlow, 'standardisation' | 'parameters'>;
  /** Time for the steps; the schedule is shortened to fit. Left out: no limit. */
  readonly budgetSeconds?: number;
  /** Names the data, the settings and which flow this is. */
  readonly fingerprint: string;
  /** Where checkpoints go; left out: none are kept. */
  readonly checkpoint?: string;
  /** Go on from the checkpoint where there is one. */
  readonly resume?: boolean;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly signal?: AbortSignal;
}

export interface FittedFlow {
  readonly flow: TrainedFlow;
  /** The epoch that was under way at the end, and the steps taken. */
  readonly epochs: number;
  readonly steps: number;
  readonly loss: number;
}

/** Trains one flow on the features of some images, as the recipe transforms them. */
export async function fitFlow(images: readonly ImageFeatures[], options: FitOptions): Promise<FittedFlow> {
  const { settings, epochs, start, fingerprint, checkpoint, resume = false, onEvent } = options;
  const features = joinFeatures(images, settings);
  const standardisation = start?.standardisation ?? transformOf(features, settings);
  standardiseInPlace(features, standardisation);
  let last: (TrainingEvent & { kind: 'step' }) | undefined;
  const parameters = await trainFlow(features, {
    ...options,
    configuration: settings.configuration,
    recipe: settings.recipe,
    initial: start?.parameters,
    resume:
      checkpoint !== undefined && resume && (await exists(checkpoint))
        ? await readCheckpoint(checkpoint, fingerprint)
        : undefined,
    saveCheckpoint: checkpoint === undefined ? undefined : (state) => saveCheckpoint(checkpoint, state),
    onEvent(event) {
      if (event.kind === 'step') last = event;
      onEvent?.(event);
    },
  });
  return {
    flow: { configuration: settings.configuration, standardisation, parameters },
    epochs: last?.epoch ?? epochs,
    steps: last?.step ?? 0,
    loss: last?.loss ?? 0,
  };
}

function transformOf(features: FeatureSet, { recipe }: TrainingSettings): Standardisation {
  switch (recipe.inputTransform) {
    case 'standardise':
      return fitStandardisation(features);
    case 'none':
      return identityStandardisation(features.channels, scales);
  }
}

/** How many samples images make: each one, or as many as it has tiles. */
export const samplesIn = (images: readonly ImageFeatures[]): number =>
  images.reduce((sum, { views }) => sum + views.length, 0);

/** The features of images, or of their tiles, as one set, at the sizes that the settings say. */
export function joinFeatures(
  images: readonly ImageFeatures[],
  { configuration }: TrainingSettings,
): FeatureSet {
  const mapSizes = Array.from({ length: scales }, (_, s) => mapSizeAt(configuration, s));
  const views = images.flatMap((image) => image.views);
  const shares = views.flatMap((view) => (view.shares === undefined ? [] : [view.shares]));
  return featureSet(
    views.map(({ maps }) => maps),
    configuration.channels,
    mapSizes,
    shares.length > 0 ? shares : undefined,
  );
}
