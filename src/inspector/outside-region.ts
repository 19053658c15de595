/** What masks mark outside of a region of interest. */
export interface OutsideRegion {
  /** Defective images with a part of a defect outside. */
  readonly images: number;
  /** Those of them whose defects lie wholly outside: they count as defective and cannot be found. */
  readonly wholly: number;
  /** Share of all defective pixels that lies outside. */
  readonly share: number;
}

export interface MaskCutter {
  /** The part of a mask that is inside; both row by row, non-zero where defective or inside. */
  cut(mask: Uint8Array, inside: Uint8Array): Uint8Array;
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
      if (before > after) images++;
      if (before > 0 && after === 0) wholly++;
      defective += before;
      outside += before - after;
      return part;
    },
    outside: () => ({ images, wholly, share: defective === 0 ? 0 : outside / defective }),
  };
}
