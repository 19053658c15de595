import { loadBackboneWeights, type BackboneWeights } from '../backbone/weights.node.js';
import { openDataset, readRegion, type OpenDatasetOptions } from '../data/index.js';
import type { Dataset, SkippedFile } from '../data/types.js';
import { UsageError } from '../errors.js';
import { openRegion, type OpenRegion } from '../view/index.js';
import { planCalibration, type CalibrationMethod, type CalibrationPlan } from './calibration-plan.node.js';
import { continuedSettings } from './continued-settings.js';
import { splitContinued } from './continued-split.node.js';
import { earlierBackbone, readEarlierModel, type EarlierModel } from './earlier-model.node.js';
import { openContinuedDataset } from './remembered-parts.node.js';
import { resolveSettings, type TrainingChoices, type TrainingSettings } from './settings.js';

/** What is learned, from what, and where it starts. */
export interface TrainingSource extends TrainingChoices {
  readonly data: string;
  /** File with the backbone's weights; left out: those that come with the package. */
  readonly backboneWeights?: string;
  readonly dataset?: OpenDatasetOptions;
  /** The region of interest: corners `x,y x,y …` or the path of a mask picture; default: the whole picture. */
  readonly roi?: string;
  readonly seed: number;
  /** How good images are scored to set the threshold; default `split`. */
  readonly calibration?: CalibrationMethod;
  /**
   * A model file to go on from with good images that it has not seen: configuration, backbone, image size and the
   * transform of the features are its own, training starts with its parameters, and images that it has learned from
   * never set the threshold. Left out: training starts anew.
   */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

export interface PreparedTraining {
  readonly settings: TrainingSettings;
  readonly weights: BackboneWeights;
  readonly dataset: Dataset;
  readonly plan: CalibrationPlan;
  readonly region?: OpenRegion;
  /** Good images that may neither train nor calibrate. */
  readonly leftOut: readonly SkippedFile[];
  readonly earlier?: EarlierModel;
}

/** Everything that stands before the first feature is computed. */
export async function prepareTraining(source: TrainingSource): Promise<PreparedTraining> {
  const { data, dataset: layout, backboneWeights, from, seed, signal } = source;
  if (from === undefined) {
    const settings = resolveSettings(source);
    const { name, layer } = settings.backbone;
    const weights = await loadBackboneWeights(name, { file: backboneWeights, layer });
    const dataset = await openDataset(data, layout);
    const plan = planCalibration(dataset.images, seed, source.calibration);
    const region = source.roi === undefined ? undefined : await readRegion(source.roi, plan.images);
    return { settings, weights, dataset, plan, region, leftOut: [] };
  }
  if (source.calibration?.kind === 'cross') {
    throw new UsageError(
      `calibrate: expected split together with --from, got cross: ${from} has learned from images that the folds ` +
        'would score; leave one of the two out',
    );
  }
  if (source.roi !== undefined) {
    throw new UsageError(`roi: expected the region that ${from} has, which is taken by itself; leave it out`);
  }
  const earlier = await readEarlierModel(from);
  const settings = continuedSettings(source, earlier, from);
  const weights = await earlierBackbone(earlier, backboneWeights);
  const dataset = await openContinuedDataset(data, layout, earlier.metadata, signal);
  const { training, calibration, leftOut } = await splitContinued(dataset.images, earlier.metadata, {
    seed,
    signal,
  });
  const plan: CalibrationPlan = {
    method: { kind: 'split' },
    images: [...training, ...calibration],
    heldOutIn: [...training.map(() => undefined), ...calibration.map(() => 0)],
  };
  const { roi } = earlier.metadata;
  return { settings, weights, dataset, plan, region: roi && openRegion(roi), leftOut, earlier };
}
