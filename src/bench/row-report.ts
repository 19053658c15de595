import { secondsOf, type Measurement, type Quantity } from './measurement.js';
import type { PeerMode } from './peer.js';
import type { BenchRow } from './rows.js';
import { median, pairedRatio } from './statistics.js';

/** Seconds of one run, medians over the turns. */
export interface Comparison {
  readonly csflow: number;
  readonly peer?: {
    readonly seconds: number;
    /** The fastest of its modes for this quantity. */
    readonly mode: PeerMode;
    /** The peer's median time divided by our median time. */
    readonly ratio: number;
    /** The median over turns of the peer's time divided by ours in the same turn. */
    readonly pairedRatio: number;
    /** The peer with bf16 autocast, measured once; left out where that failed. */
    readonly bf16Seconds?: number;
  };
}

/** Peak resident memory of a process, medians over the turns. */
export interface Memory {
  readonly peakBytes: number;
  /**
   * Without 16 bytes a parameter: itself, its gradient and two moments, which any training in float32 holds. Left out
   * for inference, which holds no such state.
   */
  readonly lessStateBytes?: number;
}

export interface MemoryComparison {
  readonly csflow: Memory;
  readonly peer?: Memory;
}

export interface RowReport {
  readonly row: BenchRow;
  readonly parameters: number;
  readonly trainingStep: Comparison;
  readonly inferenceBatch1?: Comparison;
  readonly inferenceBatch?: Comparison;
  readonly memory: {
    readonly training: MemoryComparison;
    readonly inference?: MemoryComparison;
  };
  /** Modes of the peer that do not work here. */
  readonly modesLeftOut: readonly { readonly mode: PeerMode; readonly reason: string }[];
}

/** The peer's measurements of one quantity, one a turn. */
export interface PeerSeries {
  readonly mode: PeerMode;
  readonly turns: readonly Measurement[];
  readonly bf16?: Measurement;
}

const stateBytesPerParameter = 16;

export function compare(quantity: Quantity, own: readonly Measurement[], peer?: PeerSeries): Comparison {
  const ours = own.map((measured) => secondsOf(measured, quantity));
  const csflow = median(ours);
  if (peer === undefined) return { csflow };
  const theirs = peer.turns.map((measured) => secondsOf(measured, quantity));
  const bf16 = peer.bf16 && secondsOf(peer.bf16, quantity);
  const seconds = median(theirs);
  return {
    csflow,
    peer: {
      seconds,
      mode: peer.mode,
      ratio: seconds / csflow,
      pairedRatio: pairedRatio(ours, theirs),
      ...(bf16 !== undefined && { bf16Seconds: bf16 }),
    },
  };
}

function memoryOf(does: 'training' | 'inference', turns: readonly Measurement[]): Memory {
  const peakBytes = median(turns.map(({ peak_rss_bytes }) => peak_rss_bytes));
  if (does === 'inference') return { peakBytes };
  return { peakBytes, lessStateBytes: peakBytes - stateBytesPerParameter * turns[0].parameters };
}

export function compareMemory(
  does: 'training' | 'inference',
  own: readonly Measurement[],
  peer?: readonly Measurement[],
): MemoryComparison {
  return { csflow: memoryOf(does, own), ...(peer && { peer: memoryOf(does, peer) }) };
}
