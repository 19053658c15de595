export { contactSheet } from './contact-sheet.js';
export { inferno, type Colour } from './colour-map.js';
export { renderHeatmap, type HeatmapOptions, type HeatmapScale } from './heatmap.js';
export { writePng } from './write-png.js';
export { drawPositionMap, type PositionMapOptions } from './position-map.js';
export { shrunk } from './shrink.js';
