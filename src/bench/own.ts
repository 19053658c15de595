import { fileURLToPath } from 'node:url';
import type { Backend } from '../runtime/session.js';
import { endedWith, runChild } from './child.js';
import { readMeasurement, type Measurement } from './measurement.js';
import type { BenchRow } from './rows.js';

const entry = fileURLToPath(new URL('./measure-step.node.js', import.meta.url));

export interface MeasureRequest {
  readonly row: BenchRow;
  readonly does: 'training' | 'inference of one' | 'inference of the batch';
  readonly threads: number;
  readonly backend: Backend;
}

/** Times csflow once, in a process of its own. */
export async function measureOwn(request: MeasureRequest, signal?: AbortSignal): Promise<Measurement> {
  const ended = await runChild(process.execPath, [entry, JSON.stringify(request)], signal);
  if (ended.code !== 0) throw new Error(`measuring ${request.does} ${endedWith(ended)}`);
  return readMeasurement(ended.stdout);
}

/** Inference of one sample and of the batch, a process each; the memory is that of the larger. */
export async function measureOwnInference(
  request: Omit<MeasureRequest, 'does'>,
  signal?: AbortSignal,
): Promise<Measurement> {
  const one = await measureOwn({ ...request, does: 'inference of one' }, signal);
  const batch = await measureOwn({ ...request, does: 'inference of the batch' }, signal);
  return { ...one, ...batch, peak_rss_bytes: Math.max(one.peak_rss_bytes, batch.peak_rss_bytes) };
}
