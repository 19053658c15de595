/** What masks mark outside of a region of interest. */
export interface OutsideRegion {
  /** Defective images with a part of a defect outside. */
  readonly images: number;
  /** Those of them whose defects lie wholly outside: they count as defective and cannot be found. */
  readonly wholly: number;
  /** Share of all defective pixels that lies outside. */
  readonly share: number;
}

export interface CutMask {
  /** The part that is inside, row by row. */
  readonly mask: Uint8Array;
  /** How much of the defect lies outside; left out where nothing does. */
  readonly outside?: 'partly' | 'wholly';
}

export interface MaskCutter {
  /** Cuts off what is outside; both row by row, non-zero where defective or inside. */
  cut(mask: Uint8Array, inside: Uint8Array): CutMask;
  /** What was cut off so far. */
  outside(): OutsideRegion;
}

export function maskCutter(): MaskCutter {
  let [images, wholly, defective, outside] = [0, 0, 0, 0];
  return {
    cut(mask, inside) {
      let [before, after] = [0, 0];
      const part = mask.map((value, p) => {
        if (value === 0) return 0;
        before++;
        if (inside[p] === 0) return 0;
        after++;
        return value;
      });
      defective += before;
      outside += before - after;
      if (before === after) return { mask: part };
      images++;
      if (after > 0) return { mask: part, outside: 'partly' };
      wholly++;
      return { mask: part, outside: 'wholly' };
    },
    outside: () => ({ images, wholly, share: defective === 0 ? 0 : outside / defective }),
  };
}
