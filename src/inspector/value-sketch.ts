/** Float32 bits beyond these are dropped: a bin is 2⁻¹¹ of its value wide, and there are 2¹⁹ of them. */
const droppedBits = 12;
const bins = 2 ** (31 - droppedBits);

/** How often each value was seen, in 4 MB however many there are; values are known to within 0.05 %. */
export interface ValueSketch {
  /** Values counted so far. */
  readonly count: number;
  /**
   * @param values from 0
   * @throws RangeError for one that is negative, infinite or NaN (names its index)
   */
  add(values: Float32Array): void;
  /**
   * For each share the smallest value that at most this share of all values exceeds.
   * @param shares in falling order
   * @throws RangeError where nothing was counted
   */
  upperQuantiles(shares: readonly number[]): readonly number[];
}

/**
 * Counts values in bins of equal relative width, the high bits of their float32 form (a histogram with bounded relative
 * error, as in Masson et al., DDSketch, VLDB 2019).
 */
export function valueSketch(): ValueSketch {
  const counts = new Float64Array(bins);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(values) {
      const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
      for (let i = 0; i < values.length; i++) {
        // −0 is 0; every other sign bit, infinity and NaN end here.
        if (!(values[i] >= 0 && values[i] < Infinity)) {
          throw new RangeError(`values[${i}]: expected a finite number from 0, got ${values[i]}`);
        }
        counts[(bits[i] & 0x7fffffff) >>> droppedBits]++;
      }
      count += values.length;
    },
    upperQuantiles(shares) {
      if (count === 0) throw new RangeError('values: expected some to have been counted, got none');
      let bin = bins;
      let above = 0;
      const rising = [...shares].reverse().map((share) => {
        const allowed = Math.floor(share * count);
        while (bin > 0 && above + counts[bin - 1] <= allowed) above += counts[--bin];
        if (bin === 0) return 0;
        // Within a bin values are taken as evenly spread.
        const fraction = (allowed - above) / counts[bin - 1];
        const [low, high] = [lowerEdge(bin - 1), Math.min(lowerEdge(bin), largestFloat)];
        return high - (high - low) * fraction;
      });
      return rising.reverse();
    },
  };
}

const largestFloat = 3.4028234663852886e38;
const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

function lowerEdge(bin: number): number {
  bitView[0] = bin << droppedBits;
  return floatView[0];
}
