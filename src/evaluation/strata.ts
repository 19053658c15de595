import type { ScoredImage } from './scored-image.js';

/** What tells to which group and stratum an image belongs. */
export type Drawable = Pick<ScoredImage, 'label' | 'defectClass' | 'group'>;

/** Images of one physical part. */
export type Group<T> = readonly T[];

/** Groups that are drawn among themselves. */
export type Stratum<T> = readonly Group<T>[];

export interface Strata<T> {
  readonly good: Stratum<T>;
  /** One a defect class; classes of a single group share one (see {@link collapsed}). */
  readonly defective: readonly Stratum<T>[];
}

/** Images by part, within good ones and within each defect class. */
export function strataOf<T extends Drawable>(images: readonly T[]): Strata<T> {
  const good = images.filter(({ label }) => label === 'good');
  const defective = images.filter(({ label }) => label === 'defective');
  const classes = [...new Set(defective.map(({ defectClass }) => defectClass))].sort();
  return {
    good: groupsOf(good),
    defective: collapsed(
      classes.map((name) => groupsOf(defective.filter(({ defectClass }) => defectClass === name))),
    ),
  };
}

function groupsOf<T extends Drawable>(images: readonly T[]): Stratum<T> {
  const groups = new Map<string, T[]>();
  for (const [index, image] of images.entries()) {
    // An image without a part is a part of its own.
    const name = image.group === undefined ? `image ${index}` : `part ${image.group}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [image]);
    else group.push(image);
  }
  return [...groups.values()];
}

/**
 * A stratum of one group shows no spread, so those are taken together, with the smallest other one where there is
 * only one of them: collapsed strata (Cochran, Sampling Techniques, 1977, §5A.12), whose spread is rather too wide.
 */
function collapsed<T>(strata: readonly Stratum<T>[]): readonly Stratum<T>[] {
  const bySize = [...strata].sort((a, b) => a.length - b.length);
  const singles = bySize.filter(({ length }) => length === 1).length;
  if (singles === 0) return strata;
  const joined = Math.max(2, singles);
  return [bySize.slice(0, joined).flat(), ...bySize.slice(joined)];
}
