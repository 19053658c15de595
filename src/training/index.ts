export * from './events.js';
export * from './feature-set.js';
export * from './recipe.js';
export * from './standardisation.js';
export { checkpointParts, decodeCheckpoint, type Checkpoint, type LiveCheckpoint } from './checkpoint.js';
export { featureInputs } from './training-step.js';
export { featureMemory, parameterCount, stepMemory } from './step-memory.js';
export { trainFlow, type TrainerOptions } from './trainer.js';
export { densityModule, trainDensity, type DensityTraining } from './train-density.js';
