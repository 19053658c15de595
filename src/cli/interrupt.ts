import { UserError } from '../errors.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What to tell in place of the error that stopping has caused; any other error stays as it is. */
  readonly explain: (error: unknown, checkpoint: string | undefined) => unknown;
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
    explain(error, checkpoint) {
      if (error !== controller.signal.reason) return error;
      return new UserError(
        checkpoint === undefined
          ? 'interrupted before the first step; no checkpoint was written'
          : `interrupted; the checkpoint is ${checkpoint}: run the same command with --resume to go on`,
      );
    },
    dispose() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
