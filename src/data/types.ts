/** Where an image stands: only `train` images are ever seen by training and calibration. */
export type Split = 'train' | 'test';

export type Layout = 'mvtec' | 'magnetic-tiles' | 'folder';

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
