import type { Plane } from '../view/index.js';
import type { Colour } from './colour-map.js';
import { blend } from './heat-scale.js';

export const contourColour: Colour = [64, 224, 255];

/** Thin at any size: as wide on a screen that shows the whole picture. */
export function contourWidth(height: number, width: number): number {
  return Math.max(1.25, Math.max(height, width) / 800);
}

/**
 * Draws the line on which the values pass the threshold, smooth between the pixels: a pixel's distance to it is its
 * distance in value over the slope there.
 * @param data 8-bit RGB of the plane's size, drawn upon
 * @param lineWidth in pixels
 */
export function drawContour(data: Uint8Array, plane: Plane, threshold: number, lineWidth: number): void {
  const { height, width, data: values } = plane;
  const reach = Math.ceil(lineWidth / 2 + 0.5);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!passesNear(plane, y, x, threshold, reach)) continue;
      const at = y * width + x;
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
      const [top, bottom] = [Math.max(0, y - 1), Math.min(height - 1, y + 1)];
      const across = (values[y * width + right] - values[y * width + left]) / Math.max(1, right - left);
      const down = (values[bottom * width + x] - values[top * width + x]) / Math.max(1, bottom - top);
      const distance = Math.abs(values[at] - threshold) / Math.hypot(across, down);
      const opacity = Math.min(1, lineWidth / 2 + 0.5 - distance);
      if (opacity > 0) blend(data, at, contourColour, opacity);
    }
  }
}

/** Whether a pixel up to `reach` away lies on the other side. */
function passesNear(
  { height, width, data }: Plane,
  y: number,
  x: number,
  threshold: number,
  reach: number,
): boolean {
  const above = data[y * width + x] > threshold;
  for (let step = 1; step <= reach; step++) {
    if (y >= step && data[(y - step) * width + x] > threshold !== above) return true;
    if (y + step < height && data[(y + step) * width + x] > threshold !== above) return true;
    if (x >= step && data[y * width + x - step] > threshold !== above) return true;
    if (x + step < width && data[y * width + x + step] > threshold !== above) return true;
  }
  return false;
}
