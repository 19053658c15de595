export * from './events.js';
export * from './feature-set.js';
export * from './recipe.js';
export * from './standardisation.js';
export { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.js';
export { featureInputs } from './training-step.js';
export { trainFlow, type TrainerOptions } from './trainer.js';
export { densityModule, trainDensity, type DensityTraining } from './train-density.js';
