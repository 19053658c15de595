export { drawSampleData, type SampleDataOptions, type SampleDataSummary } from './draw-sample-data.js';
export { DEFECT_CLASSES, type DefectClass } from './pictures.js';
export type { SampleDataSettings } from './settings.js';
