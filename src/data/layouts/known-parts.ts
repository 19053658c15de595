import { contentDigest } from '../content-digest.js';
import type { Split } from '../types.js';

/** On which side parts stood when they were divided before, by {@link partKey}. */
export interface KnownParts {
  readonly train: ReadonlySet<string>;
  readonly test: ReadonlySet<string>;
}

/** A part's name as it is kept: 16 hex digits, since names of files may say what is nobody else's business. */
export const partKey = (part: string): string => contentDigest(part).slice(0, 16);

/**
 * The side on which a part stood; undefined for one that was not there. A part named by a path is also known without its
 * first folders: `good/1.png` is the `1.png` that was learned from when only `good` was given.
 */
export function knownSide(part: string, known: KnownParts | undefined): Split | undefined {
  if (known === undefined) return undefined;
  for (let name = part; ; name = name.slice(name.indexOf('/') + 1)) {
    const key = partKey(name);
    if (known.train.has(key)) return 'train';
    if (known.test.has(key)) return 'test';
    if (!name.includes('/')) return undefined;
  }
}
