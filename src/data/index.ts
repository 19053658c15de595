export { contentDigest } from './content-digest.js';
export {
  calibrationShare,
  splitCalibration,
  splitFolds,
  type CalibrationFolds,
  type CalibrationOptions,
  type CalibrationSplit,
  type FoldOptions,
} from './calibration-split.js';
export { nestedSubsets } from './nested-subsets.js';
export { readImageContent } from './image-content.js';
export { decodeImage, decodeImageContent, decodeMask, imageSize, type ImageSize } from './decode.js';
export { displayedImage } from './displayed-image.js';
export { FeatureCache, featureKey, type FeatureCacheOptions, type FileTotal } from './feature-cache.js';
export { evenlySpread } from './evenly-spread.js';
export { imageSizes } from './image-sizes.js';
export { mapConcurrently } from './map-concurrently.js';
export { inspectDataset, leakageWarnings } from './inspection/inspect-dataset.js';
export { trainingWarnings } from './inspection/training-warnings.js';
export type { AlikePictures, DatasetInspection, InspectedPicture } from './inspection/inspection.js';
export { knownSide, partKey, type KnownParts } from './layouts/known-parts.js';
export { openDataset, type OpenDatasetOptions } from './layouts/open-dataset.js';
export type {
  Dataset,
  DatasetImage,
  DataWarning,
  Layout,
  Mask,
  MaskValues,
  RgbImage,
  SkippedFile,
  Split,
} from './types.js';
export { gate } from './gate.js';
export { groupBy } from './group-by.js';
export { fileState, quietState, sameState, type FileState } from './arrivals/file-state.js';
export { watchTree, type TreeWatch, type TreeWatchOptions } from './arrivals/watch-tree.js';
export { imageExtensions } from './layouts/file-tree.js';
export { readRegion } from './read-region.js';
