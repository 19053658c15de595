/** Defect detection from good pictures only: train, open and ask an inspector. */
export { UserError } from './errors.js';
export {
  openInspector,
  readModelMetadata,
  type InspectOptions,
  type Inspector,
  type Picture,
  type Verdict,
} from './inspector/inspector.js';
export { train, type TrainedModel, type TrainOptions } from './inspector/train.node.js';
export { evaluateImages, type Evaluation } from './inspector/evaluate.node.js';
export { explainImage, openExplainer, type Explainer } from './inspector/explain/explainer.js';
export type * from './inspector/explain/explanation.js';
export { readTrainedFlow } from './inspector/read-flow.js';
export type { ClassSummary, EvaluationFigures, EvaluationSummary, Interval } from './evaluation/index.js';
export { inspectArrivals, type Arrived, type ArrivalOptions } from './inspector/inspect-arrivals.node.js';
export {
  learningCurve,
  type LearningCurve,
  type LearningCurveOptions,
} from './inspector/learning-curve.node.js';
export { driftTest, type DriftOptions, type DriftReading, type DriftTest } from './evaluation/index.js';
export type { InspectorEvent } from './inspector/events.js';
export type { ModelMetadata } from './inspector/model-metadata.js';
export { thresholdOf, thresholdFromImages, type ThresholdWish } from './inspector/choose-threshold.js';
export { withThreshold, type ImageThreshold } from './inspector/model-threshold.js';
export { createWorkerDevice } from './runtime/worker-device.node.js';
export { createLocalDevice } from './runtime/local-device.node.js';
export { DeviceLost, type Device, type DeviceOptions, type Session } from './runtime/session.js';
export { openDataset, decodeImage, FeatureCache } from './data/index.js';
export type { Dataset, DatasetImage } from './data/types.js';
export { openFlowModel } from './inspector/flow-model.js';
export type { TrainedFlow } from './inspector/trained-flow.js';
export { densityModule, trainDensity, type DensityTraining } from './training/index.js';
export type { Schedule } from './training/index.js';
export { floatTensor, type FloatTensor, type Tensor } from './tensor/tensor.js';
export { NumpyRandom } from './tensor/numpy-random.js';
