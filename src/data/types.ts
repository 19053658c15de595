/** Where an image stands: only `train` images are ever seen by training and calibration. */
export type Split = 'train' | 'test';

/** How a data set lies in its folder; `patterns` and `manifest` are told by the user. */
export type Layout =
  | 'mvtec'
  | 'btad'
  | 'visa'
  | 'kolektorsdd'
  | 'magnetic-tiles'
  | 'good-and-bad'
  | 'patterns'
  | 'manifest'
  | 'folder';

/** Which pixels of a mask are defective: `bright` those over 127, `nonzero` all but 0 (masks of class numbers). */
export type MaskValues = 'bright' | 'nonzero';

export interface DatasetImage {
  /** Absolute path. */
  readonly path: string;
  readonly label: 'good' | 'defective';
  /** `good`, or the name of the defect (`crack`). */
  readonly defectClass: string;
  readonly split: Split;
  /** Pictures of one physical part share a group; a group is never divided between splits. */
  readonly group: string;
  /** Absolute path of the picture's mask; a defective picture may have none. */
  readonly maskPath?: string;
  /** Default `bright`. */
  readonly maskValues?: MaskValues;
}

/** A file that was found and not used. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
  /** The physical part it shows, where that is known. */
  readonly group?: string;
}

export interface Dataset {
  readonly root: string;
  readonly layout: Layout;
  readonly images: readonly DatasetImage[];
  readonly skipped: readonly SkippedFile[];
  /** Whether parts are kept together; see `openDataset`. */
  readonly split: 'group' | 'random';
  /** How training and test are divided, in words. */
  readonly division: string;
  /** Whether csflow divided it, by name or by draw, since it has no split of its own. */
  readonly divided: boolean;
  /** What the user should know beside, a sentence each. */
  readonly notes: readonly string[];
}

/** 8-bit RGB pixels, row by row: `data` has `height · width · 3` values. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One byte a pixel: 1 where defective, else 0. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Something about the data that flatters or spoils the figures; every report shows it. */
export interface DataWarning {
  readonly code:
    | 'same-picture-in-training-and-test'
    | 'same-picture-good-and-defective'
    | 'same-picture-again'
    | 'alike-in-training-and-test'
    | 'alike-in-training'
    | 'random-split'
    | 'seen-in-training'
    | 'unreadable-pictures'
    | 'few-images'
    | 'continued-training'
    | 'masks';
  /** A sentence or two: what was found, what it means, what to do. */
  readonly message: string;
  /** The files it is about, absolute paths. */
  readonly files: readonly string[];
}
