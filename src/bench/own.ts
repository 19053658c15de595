import { fileURLToPath } from 'node:url';
import type { Backend } from '../runtime/session.js';
import { endedWith, runChild } from './child.js';
import { readMeasurement, type Measurement } from './measurement.js';
import type { BenchRow } from './rows.js';

const entry = fileURLToPath(new URL('./measure-step.node.js', import.meta.url));

export interface MeasureRequest {
  readonly row: BenchRow;
  readonly does: 'training' | 'inference';
  readonly threads: number;
  readonly backend: Backend;
}

/** Times csflow once, in a process of its own. */
export async function measureOwn(request: MeasureRequest, signal?: AbortSignal): Promise<Measurement> {
  const ended = await runChild(process.execPath, [entry, JSON.stringify(request)], signal);
  if (ended.code !== 0) throw new Error(`measuring ${request.does} ${endedWith(ended)}`);
  return readMeasurement(ended.stdout);
}
