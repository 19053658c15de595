export { contactSheet } from './contact-sheet.js';
export { embedPicture } from './embed-picture.js';
export { inferno, type Colour } from './colour-map.js';
export { renderHeatmap, type HeatmapOptions } from './heatmap.js';
export { legend, withLegend, type LegendOptions } from './legend.js';
export { writePng } from './write-png.js';
export { drawPositionMap, type PositionMapOptions } from './position-map.js';
export { shrunk } from './shrink.js';
