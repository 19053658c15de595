import type { Point } from './flange.js';

/** What a defect does to the metal at one place. */
export interface Effect {
  /** From 0.5 on the place belongs to the mask, as far as the part reaches. */
  readonly presence: number;
  /** Share of the metal that is gone. */
  readonly removed: number;
  /** Factor on the brightness. */
  readonly gain: number;
  /** 0 clean … 1 brown. */
  readonly soiling: number;
}

export interface Defect {
  /** The holes the part has. */
  readonly holes: readonly Point[];
  /**
   * At a place of the part.
   * @param pixel side of a pixel in the part's units
   */
  readonly effectAt: (x: number, y: number, pixel: number) => Effect;
}

export const NO_EFFECT: Effect = { presence: 0, removed: 0, gain: 1, soiling: 0 };
