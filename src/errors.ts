/**
 * A mistake the user can mend. The message names the parameter or file, what was expected, what came and what
 * to do; the command line prints it alone, without a stack trace.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A setting out of its bounds: wrong usage rather than a failure. The same rules for its message. */
export class UsageError extends UserError {}

/** The message of anything thrown, for places that report a failure and go on. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
