export { resizeBilinear, type Plane } from './bilinear.js';
export { blendedSize, blending, type Blending } from './blend.js';
export { pictureScore, type TileResult } from './picture-score.js';
export { viewsOf, type PictureView, type ViewGeometry } from './picture-views.js';
export { looksLikePolygon, parsePolygon, sharesOfPixels, type Point } from './polygon.js';
export { wholeBox, type Box } from './box.js';
export { openRegion, type OpenRegion, type Region } from './region.js';
export { runsOf } from './region-mask.js';
export {
  checkTiling,
  cropParts,
  defaultOverlap,
  tileScores,
  tilesAtOnce,
  tilesOf,
  type Pixels,
  type Rectangle,
  type Size,
  type TileScore,
  type View,
} from './tiles.js';
