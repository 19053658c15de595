import { existsSync } from 'node:fs';
import { UserError } from '../errors.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What to tell once the work has stopped. */
  asError(checkpoint: string): UserError;
  dispose(): void;
}

/** npm hands a Ctrl-C on to a process that the terminal has already told: the echo is no second wish. */
const echoMilliseconds = 1000;

/** Ctrl-C, or a polite kill, asks the work to stop; a second one ends the process at once. */
export function interruptSignal(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let firstAt = 0;
  const stop = (): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt > echoMilliseconds) process.exit(1);
      return;
    }
    firstAt = performance.now();
    onFirst();
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    asError: (checkpoint) =>
      new UserError(
        existsSync(checkpoint)
          ? `interrupted; the checkpoint is ${checkpoint}: run the same command with --resume to go on`
          : 'interrupted before the first step; nothing was written',
      ),
    dispose() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
