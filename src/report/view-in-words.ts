import type { ModelMetadata } from '../inspector/model-metadata.js';
import { openRegion } from '../view/index.js';

/** How a model looks at a picture, in words. */
export function viewInWords(view: ModelMetadata['view']): string {
  switch (view.kind) {
    case 'whole':
      return 'the whole picture at once';
    case 'tiles': {
      const { tile, overlap, score } = view;
      return `tiles of ${tile.join(' × ')} pixels, overlapping by ${rounded(100 * overlap)} %; a picture's score is the ${score} over its tiles`;
    }
  }
}

/** Of both sides: how finely a region's share of the picture is counted. */
const grid = 500;

/** Which part of a picture counts, in words. */
export function regionInWords(roi: NonNullable<ModelMetadata['roi']>): string {
  const inside = openRegion(roi).pixels(grid, grid);
  const share = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const shape =
    roi.kind === 'polygon'
      ? `a polygon of ${roi.points.length} corners`
      : `a mask of ${roi.height} × ${roi.width} pixels`;
  return `${shape}, ${rounded(100 * share)} % of the picture: only what is inside counts`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(2)));
