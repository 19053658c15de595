import { fileURLToPath } from 'node:url';
import { messageOf, UserError } from '../errors.js';
import type { float32Modes } from './peer.js';
import { peerScript, runRate, type PythonModule } from './python.js';
import type { RateAnswer } from './rate.js';

/** What the peer of the features imports. */
export const featureModules: readonly PythonModule[] = ['torch', 'numpy', 'PIL'];

/** How PyTorch goes through the pictures. */
export interface TorchSettings {
  readonly mode: (typeof float32Modes)[number];
  readonly batch: number;
  /** Processes that decode; 0: the one that computes. */
  readonly workers: number;
}

export interface LeftOut {
  readonly settings: TorchSettings;
  readonly reason: string;
}

export interface TorchRun {
  /** A Python with torch, numpy and pillow. */
  readonly python: string;
  /** A file with the pictures' paths, a JSON array of so many. */
  readonly list: string;
  readonly pictures: number;
  /** Pictures that come before the timed ones. */
  readonly warm: number;
  readonly threads: number;
}

const weights = fileURLToPath(new URL('../../models/efficientnet-lite0.safetensors', import.meta.url));

export function runTorch(
  { python, list, warm, threads }: TorchRun,
  { mode, batch, workers }: TorchSettings,
  signal?: AbortSignal,
): Promise<RateAnswer> {
  const numbers = Object.entries({ warm, threads, batch, workers });
  const options = numbers.flatMap(([name, value]) => [`--${name}`, String(value)]);
  return runRate(
    python,
    [peerScript('features_torch.py'), weights, list, ...options, '--mode', mode],
    signal,
  );
}

/** A batch that ends after the warm-up, and a whole one after it: the last, cut short, does not count. */
const fits = (batch: number, { pictures, warm }: TorchRun): boolean =>
  Math.floor(pictures / batch) > Math.ceil(warm / batch);

/** What is looked at, one after the other with the best of what came before: at most so many runs. */
function looksAt(run: TorchRun, modes: readonly TorchSettings['mode'][]) {
  const batches = [1, 4, 8, 16].filter((batch) => fits(batch, run));
  return [
    modes.map((mode) => ({ mode })),
    batches.map((batch) => ({ batch })),
    [0, 1, 2].map((workers) => ({ workers })),
  ];
}

export function lookCount(run: TorchRun, modes: readonly TorchSettings['mode'][]): number {
  return looksAt(run, modes).reduce((sum, { length }) => sum + length, 0);
}

/**
 * The fastest settings by a first look: its mode, then its batch, then its workers.
 * @throws UserError where none works
 */
export async function bestSettings(
  run: TorchRun,
  modes: readonly TorchSettings['mode'][],
  looked: () => void,
  signal?: AbortSignal,
): Promise<{ readonly settings: TorchSettings; readonly leftOut: readonly LeftOut[] }> {
  let best: TorchSettings = { mode: modes[0], batch: fits(4, run) ? 4 : 1, workers: 1 };
  let speed = 0;
  const leftOut: LeftOut[] = [];
  const seen = new Set<string>();
  for (const choices of looksAt(run, modes)) {
    for (const choice of choices) {
      const settings = { ...best, ...choice };
      const key = JSON.stringify(settings);
      if (seen.has(key)) {
        looked();
        continue;
      }
      seen.add(key);
      try {
        const { images_per_second } = await runTorch(run, settings, signal);
        if (images_per_second > speed) [best, speed] = [settings, images_per_second];
      } catch (error) {
        signal?.throwIfAborted();
        leftOut.push({ settings, reason: messageOf(error) });
      }
      looked();
    }
    if (speed === 0) throw nothingWorks(run, leftOut);
  }
  return { settings: best, leftOut };
}

function nothingWorks({ python }: TorchRun, leftOut: readonly LeftOut[]): UserError {
  const reasons = leftOut.map(({ settings, reason }) => `${settings.mode}: ${reason}`);
  return new UserError(
    `--peer ${python}: expected a Python with torch, numpy and pillow, but no mode of bench/features_torch.py works ` +
      `there (${reasons.join('; ')}). Install them: ${python} -m pip install torch numpy pillow`,
  );
}
