import { freemem, platform, totalmem } from 'node:os';

/**
 * Bytes that a process may take here. macOS calls free only what nothing has touched yet and frees the rest when it is
 * asked for, so that half of the machine counts at least.
 */
export function availableMemory(): number {
  const free = process.availableMemory?.() ?? freemem();
  return platform() === 'darwin' ? Math.max(free, totalmem() / 2) : free;
}
