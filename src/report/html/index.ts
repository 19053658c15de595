export { renderReport } from './report.js';
export type { EmbeddedPicture, ReportInput, ShownCase } from './report-input.js';
