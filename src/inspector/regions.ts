import { connectedRegions } from '../evaluation/index.js';
import type { Picture, Verdict } from './inspector.js';
import type { PixelThreshold } from './map-calibration.js';
import { rarityOf, smallestMeasured, type MapScale } from './map-scale.js';

/** A connected part of a picture where its anomaly map is above the pixel threshold; in the picture's pixels. */
export interface Region {
  /** Left and upper edge of the smallest rectangle around it, and its sides. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly area: number;
  /** How often a pixel of a good image is as odd as the region's oddest one; never below {@link smallestPValue}. */
  readonly pValue: number;
  /** Beyond what the calibration images measured: the p-value is that of a tail that falls on as before. */
  readonly extrapolated: boolean;
}

/** One good pixel in ten million: no calibration images tell of rarer ones. */
export const smallestPValue = 1e-7;

const rounding = 1e-9;

interface Extent {
  left: number;
  right: number;
  top: number;
  bottom: number;
  pixels: number;
  peak: number;
}

/**
 * The regions of a picture, the oddest first; 8-connected on the map, whose pixels are then counted as the picture's.
 * @param picture whose size the map is stretched to
 */
export function findRegions(
  { map, mapSize: [height, width] }: Pick<Verdict, 'map' | 'mapSize'>,
  picture: Pick<Picture, 'width' | 'height'>,
  threshold: Pick<PixelThreshold, 'value'>,
  scale: MapScale,
): readonly Region[] {
  const { labels, areas } = connectedRegions(
    Uint8Array.from(map, (value) => Number(value > threshold.value)),
    height,
    width,
  );
  const extents = areas.map((pixels): Extent => ({
    left: width,
    right: 0,
    top: height,
    bottom: 0,
    pixels,
    peak: 0,
  }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const extent = extents[labels[i] - 1];
    const y = Math.floor(i / width);
    const x = i - y * width;
    extent.left = Math.min(extent.left, x);
    extent.right = Math.max(extent.right, x + 1);
    extent.top = Math.min(extent.top, y);
    extent.bottom = y + 1;
    extent.peak = Math.max(extent.peak, map[i]);
  }
  const [across, down] = [picture.width / width, picture.height / height];
  const rarity = rarityOf(scale);
  const measured = -Math.log10(smallestMeasured(scale));
  return extents
    .sort((a, b) => b.peak - a.peak)
    .map(({ left, right, top, bottom, pixels, peak }) => {
      const x = Math.floor(left * across);
      const y = Math.floor(top * down);
      return {
        x,
        y,
        width: Math.ceil(right * across) - x,
        height: Math.ceil(bottom * down) - y,
        area: Math.max(1, Math.round(pixels * across * down)),
        pValue: Math.max(smallestPValue, 10 ** -rarity(peak)),
        extrapolated: rarity(peak) > measured + rounding,
      };
    });
}
