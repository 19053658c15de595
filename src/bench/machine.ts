import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { runtimeVersions, type RuntimeVersions } from '../runtime/versions.node.js';
import { version } from '../version.js';

/** Where figures were measured; they mean little without it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${type()} ${release()} ${process.arch}`,
  };
}

/** A word where other programs compute at the moment: times and ratios suffer from it. */
export function busyNote(): string | undefined {
  const load = loadavg()[0];
  if (load < 0.5) return undefined;
  return `note: other programs keep ${load.toFixed(1)} of ${availableParallelism()} cores busy; the figures suffer from it`;
}

export interface Versions extends RuntimeVersions {
  readonly csflow: string;
}

export function versionsHere(): Versions {
  return { csflow: version, ...runtimeVersions() };
}
