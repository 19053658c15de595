import type { z } from 'zod';

/**
 * What a measuring process says, ours and the peers' alike: one line of JSON, the last on its stdout.
 * @throws TypeError where the last line is something else
 */
export function readAnswer<T>(stdout: string, schema: z.ZodType<T>): T {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TypeError(`expected a line of JSON with the measured times, got "${line.slice(0, 200)}"`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TypeError(`${issue.path.join('.')}: ${issue.message} in "${line.slice(0, 200)}"`);
}
