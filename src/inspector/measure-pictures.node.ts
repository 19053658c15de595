import type { DatasetImage, Mask } from '../data/types.js';
import { measurePixels } from '../evaluation/measure-pixels.node.js';
import type { IntervalOptions, PixelMetricsByClass } from '../evaluation/index.js';
import { openRegion, type Size } from '../view/index.js';
import type { Verdict } from './inspector.js';
import type { ModelMetadata } from './model-metadata.js';
import { maskCutter, type CutMask, type OutsideRegion } from './outside-region.js';
import { pixelSize, resizeMask } from './pixel-size.js';

/** Of a defective picture how much of its defect lies outside of the region; left out where nothing does. */
export type MeasuredPicture = Pick<CutMask, 'outside'>;

/** Pixel figures of verdicts that come one by one, measured at the pictures' own sizes (see `pixelSize`). */
export interface PictureMeasurement {
  /**
   * Takes a verdict, whose map is empty afterwards; defective pictures come first.
   * @returns undefined for a defective picture without a mask: nothing is measured
   */
  add(
    image: Pick<DatasetImage, 'label' | 'defectClass' | 'group'>,
    picture: Size,
    verdict: Pick<Verdict, 'map' | 'mapSize'>,
    mask?: Mask,
  ): Promise<MeasuredPicture | undefined>;
  /** What masks showed outside of the model's region of interest. */
  outside(): OutsideRegion;
  /** @param threshold of pixels, the one in use */
  finish(threshold: number, intervals: IntervalOptions): Promise<PixelMetricsByClass>;
  close(): Promise<void>;
}

/** @param pictures how many there are */
export function measurePictures({ roi }: Pick<ModelMetadata, 'roi'>, pictures: number): PictureMeasurement {
  const pixels = measurePixels();
  const cutter = maskCutter();
  const region = roi && openRegion(roi);
  const insideOf = region && lastOf((rows, columns) => region.pixels(rows, columns));
  return {
    async add({ label, defectClass, group }, picture, { map, mapSize }, mask) {
      if (label === 'defective' && mask === undefined) return undefined;
      const size = pixelSize(picture, mapSize, pictures);
      const [height, width] = size;
      const inside = insideOf?.(height, width);
      const stretched = { map, mapSize, height, width, group, ...(inside && { inside }) };
      if (label === 'good' || mask === undefined) {
        await pixels.add(stretched);
        return {};
      }
      const resized = resizeMask(mask, size);
      const cut: CutMask = inside === undefined ? { mask: resized } : cutter.cut(resized, inside);
      await pixels.add({ ...stretched, defectClass, mask: cut.mask });
      return { outside: cut.outside };
    },
    outside: () => cutter.outside(),
    finish: (threshold, intervals) => pixels.finish(threshold, intervals),
    close: () => pixels.close(),
  };
}

/** Pictures of a data set are mostly of one size. */
function lastOf(pixels: (rows: number, columns: number) => Uint8Array): typeof pixels {
  let last: { readonly rows: number; readonly columns: number; readonly inside: Uint8Array } | undefined;
  return (rows, columns) => {
    if (last?.rows !== rows || last.columns !== columns)
      last = { rows, columns, inside: pixels(rows, columns) };
    return last.inside;
  };
}
