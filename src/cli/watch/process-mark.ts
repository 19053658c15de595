import { readFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';

/** What tells a process from all others, also those that have had its number or will. */
export interface ProcessMark {
  readonly pid: number;
  readonly host: string;
  /** When the mark was made, ISO 8601. */
  readonly since: string;
  /** Which start of the system and when in it the process started; only where the system tells. */
  readonly started?: string;
}

/** Clocks are set, and boot times known, no better than this. */
const bootSlackMilliseconds = 5000;

export async function ownMark(): Promise<ProcessMark> {
  const { pid } = process;
  const mark = { pid, host: hostname(), since: new Date().toISOString() };
  const started = await startOf(pid);
  return started === undefined ? mark : { ...mark, started };
}

/** Undefined where the text is no mark. */
export function readMark(text: string): ProcessMark | undefined {
  try {
    const { pid, host, since, started } = JSON.parse(text) as Partial<ProcessMark>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined;
    return { pid, host, since, started };
  } catch {
    return undefined;
  }
}

/** Whether that process runs; one of another machine cannot be asked and counts as running. */
export async function isRunning({ pid, host, since, started }: ProcessMark): Promise<boolean> {
  if (host !== hostname()) return true;
  if (!answers(pid)) return false;
  // Numbers are given anew: after the system has started again, and in each start of a container.
  const startedNow = await startOf(pid);
  if (started !== undefined && startedNow !== undefined) return started === startedNow;
  const booted = Date.now() - uptime() * 1000;
  return pid !== process.pid && Date.parse(since) >= booted - bootSlackMilliseconds;
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Linux tells it in clock ticks, which no setting of the clock changes. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets, which may hold anything, is the second field; the start is the 22nd.
    return `${boot.trim()} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}
