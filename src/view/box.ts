/** A part of a picture in shares of its sides. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const wholeBox: Box = { top: 0, left: 0, bottom: 1, right: 1 };
