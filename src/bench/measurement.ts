import { z } from 'zod';
import { readAnswer } from './answer.js';

const timing = z.object({ min: z.number().positive(), median: z.number().positive() });

/** What a process that times a step says, ours and the peer's alike. */
const measurement = z.object({
  parameters: z.number().int().positive(),
  train_step_s: timing.optional(),
  infer_batch1_s: timing.optional(),
  infer_batch_s: timing.optional(),
  peak_rss_bytes: z.number().positive(),
  /** Name and version of the peer. */
  peer: z.string().optional(),
});

export type Measurement = Readonly<z.infer<typeof measurement>>;

export const quantities = ['train_step_s', 'infer_batch1_s', 'infer_batch_s'] as const;
export type Quantity = (typeof quantities)[number];

/** @throws TypeError where the last line is something else */
export function readMeasurement(stdout: string): Measurement {
  return readAnswer(stdout, measurement);
}

/** Seconds of the median run; a process that was not asked for it is a TypeError. */
export function secondsOf(measured: Measurement, quantity: Quantity): number {
  const timed = measured[quantity];
  if (timed === undefined) throw new TypeError(`${quantity}: expected in the measurement, got none`);
  return timed.median;
}
