import type { DatasetImage } from '../types.js';
import { alikePairs, likenessScale } from './alike-pairs.js';
import type { AlikePictures, DatasetInspection, InspectedPicture } from './inspection.js';
import { looksOf } from './likeness.js';

/** Pictures of different parts that look alike, across the split and within training. */
export function findAlike(
  pictures: readonly InspectedPicture[],
): Pick<DatasetInspection, 'scale' | 'alikeAcross' | 'alikeInTraining'> {
  const looks = looksOf(pictures.map(({ thumbnail }) => thumbnail));
  const groups = pictures.map(({ image }) => image.group);
  const scale = likenessScale(looks, groups);
  const on = (split: DatasetImage['split']) =>
    [...pictures.keys()].filter((i) => pictures[i].image.split === split);
  const training = on('train');
  const between = (from: readonly number[]): readonly AlikePictures[] =>
    alikePairs(looks, groups, from, training, scale.threshold)
      .filter(({ index, other }) => pictures[index].digest !== pictures[other].digest)
      .map(({ index, other, likeness }) => ({
        picture: pictures[index].image,
        other: pictures[other].image,
        likeness,
      }));
  return { scale, alikeAcross: between(on('test')), alikeInTraining: eachOnce(between(training)) };
}

/** Of two pictures that are each other's most alike, one pair. */
function eachOnce(pairs: readonly AlikePictures[]): readonly AlikePictures[] {
  const named = new Set(pairs.map(({ picture, other }) => `${picture.path}\n${other.path}`));
  return pairs.filter(
    ({ picture, other }) => picture.path < other.path || !named.has(`${other.path}\n${picture.path}`),
  );
}
