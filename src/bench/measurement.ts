import { z } from 'zod';

const timing = z.object({ min: z.number().positive(), median: z.number().positive() });

/** What a measuring process says, ours and the peer's alike: one line of JSON, the last on its stdout. */
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
  const line = stdout.trim().split('\n').at(-1) ?? '';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TypeError(`expected a line of JSON with the measured times, got "${line.slice(0, 200)}"`);
  }
  const parsed = measurement.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${issue.path.join('.')}: ${issue.message} in "${line.slice(0, 200)}"`);
}

/** Seconds of the median run; a process that was not asked for it is a TypeError. */
export function secondsOf(measured: Measurement, quantity: Quantity): number {
  const timed = measured[quantity];
  if (timed === undefined) throw new TypeError(`${quantity}: expected in the measurement, got none`);
  return timed.median;
}
