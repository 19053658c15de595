import { spawn, type ChildProcess } from 'node:child_process';
import { UserError } from '../errors.js';

/** A group of their own, so that what a child has started ends with it; Windows has no such groups. */
const ownGroup = process.platform !== 'win32';
const graceMilliseconds = 2000;
const running = new Set<ChildProcess>();

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  // What a child has started may outlive it, in its group.
  if (child.pid === undefined || (!ownGroup && child.exitCode !== null)) return;
  try {
    if (ownGroup) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}

/** A process that ends while children compute must not leave them behind. */
process.on('exit', () => {
  for (const child of running) end(child, 'SIGKILL');
});

export interface ChildResult {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From its start to its end. */
  readonly seconds: number;
  /** From its start to the first that it printed on stdout. */
  readonly firstOutputSeconds?: number | undefined;
}

/**
 * Runs a program to its end; aborting ends it and what it has started.
 * @throws UserError where the program cannot be started; the signal's reason where it was aborted
 */
export function runChild(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup });
    running.add(child);
    const start = performance.now();
    const secondsSoFar = (): number => (performance.now() - start) / 1000;
    let firstOutputSeconds: number | undefined;
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      firstOutputSeconds ??= secondsSoFar();
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const stop = (): void => {
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), graceMilliseconds).unref();
    };
    signal?.addEventListener('abort', stop, { once: true });
    const ended = (): void => {
      running.delete(child);
      signal?.removeEventListener('abort', stop);
    };
    child.on('error', (error) => {
      ended();
      reject(new UserError(`${program}: expected a program that can be started (${error.message})`));
    });
    child.on('close', (code) => {
      ended();
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve({ code, stdout, stderr, seconds: secondsSoFar(), firstOutputSeconds });
    });
  });
}

/** Why a process that ended with an error did so. */
export function endedWith({ code, stderr }: ChildResult): string {
  return `ended with ${code === null ? 'a signal (memory may have run out)' : `code ${code}`}: ${lastLine(stderr)}`;
}

/** The last line that says what went wrong: Python ends with it, Node goes on with its own version. */
export function lastLine(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return lines.findLast((line) => /^\w*(Error|Exception)\b.*: /.test(line)) ?? lines.at(-1) ?? '';
}
