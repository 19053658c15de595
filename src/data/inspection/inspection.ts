import type { DatasetImage, DataWarning, SkippedFile } from '../types.js';
import type { LikenessScale } from './alike-pairs.js';
import type { MaskFinding } from './look-at-masks.js';
import type { PictureFacts } from './thumbnail.js';

export interface InspectedPicture {
  readonly image: DatasetImage;
  readonly digest: string;
  readonly facts: PictureFacts;
  readonly mask: MaskFinding;
  readonly thumbnail: Uint8Array;
}

/** Two pictures that look alike, as far as is known of different parts. */
export interface AlikePictures {
  readonly picture: DatasetImage;
  readonly other: DatasetImage;
  /** From the scale's threshold to 1. */
  readonly likeness: number;
}

export interface DatasetInspection {
  readonly pictures: readonly InspectedPicture[];
  readonly unreadable: readonly SkippedFile[];
  /** Pictures with the same content. */
  readonly same: readonly (readonly DatasetImage[])[];
  readonly scale: LikenessScale;
  /** Of each test picture the training picture that it is a near-duplicate of. */
  readonly alikeAcross: readonly AlikePictures[];
  /** Training pictures of different parts that are near-duplicates, each pair once. */
  readonly alikeInTraining: readonly AlikePictures[];
  readonly warnings: readonly DataWarning[];
}
