import { messageOf, UsageError } from '../errors.js';
import { endedWith, runChild } from './child.js';
import { readMeasurement, secondsOf, type Measurement, type Quantity } from './measurement.js';
import { peerScript } from './python.js';
import type { BenchRow } from './rows.js';

/** Ways PyTorch can run the same arithmetic in float32. */
export const float32Modes = ['eager', 'channels_last', 'compile'] as const;
/** And with bfloat16 autocast. */
export const allPeerModes = [...float32Modes, 'bf16'] as const;
export type PeerMode = (typeof allPeerModes)[number];

/** @throws UsageError where none of the modes is in float32, so that there is nothing to compare with */
export function checkModes(modes: readonly PeerMode[]): void {
  if (modes.some((mode) => mode !== 'bf16')) return;
  throw new UsageError(
    `peer-modes: expected one of ${float32Modes.join(', ')} at least, got ${modes.join(',') || 'none'}; ` +
      'bf16 is timed beside them only',
  );
}

/** A measurement, or why there is none. */
export type Attempt =
  { readonly ok: true; readonly measured: Measurement } | { readonly ok: false; readonly reason: string };

export interface PeerRun {
  readonly mode: PeerMode;
  readonly does: 'training' | 'inference' | 'both';
  readonly runs: number;
}

export interface PeerOptions {
  /** A Python with torch and numpy. */
  readonly python: string;
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/** Runs the PyTorch peer once, in a process of its own. */
export async function measurePeer(
  { channels, mapSize, hidden, batch }: BenchRow,
  { mode, does, runs }: PeerRun,
  { python, threads, signal }: PeerOptions,
): Promise<Attempt> {
  const numbers = { channels, hidden, batch, threads, repeat: runs };
  const args = [
    peerScript('peer_torch.py'),
    ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...['--map', ...mapSize.map(String), '--mode', mode],
    ...(does === 'both' ? [] : [`--${does}-only`]),
  ];
  const ended = await runChild(python, args, signal);
  if (ended.code !== 0) return { ok: false, reason: endedWith(ended) };
  try {
    return { ok: true, measured: readMeasurement(ended.stdout) };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

/** The mode that is fastest for a quantity, by a first look at each; undefined where none works. */
export function fastestMode<M extends string>(
  looks: ReadonlyMap<M, Attempt>,
  quantity: Quantity,
): M | undefined {
  let best: { readonly mode: M; readonly seconds: number } | undefined;
  for (const [mode, attempt] of looks) {
    if (!attempt.ok) continue;
    const seconds = secondsOf(attempt.measured, quantity);
    if (best === undefined || seconds < best.seconds) best = { mode, seconds };
  }
  return best?.mode;
}
