import { NumpyRandom } from '../../tensor/numpy-random.js';
import type { Defect } from './defect.js';
import { drawBrokenEdge, drawMissingHole } from './missing.js';
import { hash } from './noise.js';
import { renderPart, type RenderedPart } from './render-part.js';
import { drawScene } from './scene.js';
import { drawScratch } from './scratch.js';
import type { SampleDataSettings } from './settings.js';
import { drawStain } from './stain.js';

export const DEFECT_CLASSES = ['scratch', 'stain', 'missing'] as const;
export type DefectClass = (typeof DEFECT_CLASSES)[number];

/** A picture of the set, not drawn yet. Paths are relative to the set's folder, with `/`. */
export interface PlannedPicture {
  readonly path: string;
  readonly maskPath?: string;
  readonly defectClass: 'good' | DefectClass;
  readonly index: number;
  /** Of this picture alone: it stays the same whatever the number of others. */
  readonly seed: number;
}

/** All pictures of a set in the layout of MVTec AD. */
export function planPictures(settings: SampleDataSettings): PlannedPicture[] {
  const { seed, trainGood, testGood, defectsPerClass } = settings;
  const good = (folder: string, stream: number, count: number): PlannedPicture[] =>
    numbered(count, (index, name) => ({
      path: `${folder}/${name}.png`,
      defectClass: 'good',
      index,
      seed: hash(seed, stream, index),
    }));
  const defects = DEFECT_CLASSES.flatMap((defectClass, stream) =>
    numbered(defectsPerClass, (index, name) => ({
      path: `test/${defectClass}/${name}.png`,
      maskPath: `ground_truth/${defectClass}/${name}_mask.png`,
      defectClass,
      index,
      seed: hash(seed, 2 + stream, index),
    })),
  );
  return [...good('train/good', 0, trainGood), ...good('test/good', 1, testGood), ...defects];
}

function numbered(count: number, plan: (index: number, name: string) => PlannedPicture): PlannedPicture[] {
  return Array.from({ length: count }, (_, index) => plan(index, String(index).padStart(3, '0')));
}

/** The picture and its mask, `size` × `size` pixels. */
export function drawPicture({ seed, defectClass, index }: PlannedPicture, size: number): RenderedPart {
  const random = new NumpyRandom(seed);
  const scene = drawScene(random);
  return renderPart(scene, drawDefect(defectClass, index, random), size);
}

function drawDefect(
  defectClass: 'good' | DefectClass,
  index: number,
  random: NumpyRandom,
): Defect | undefined {
  switch (defectClass) {
    case 'good':
      return undefined;
    case 'scratch':
      return drawScratch(random);
    case 'stain':
      return drawStain(random);
    case 'missing':
      return index % 2 === 0 ? drawMissingHole(random) : drawBrokenEdge(random);
  }
}
