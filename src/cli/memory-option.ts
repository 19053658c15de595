import { Option } from 'commander';
import { positiveNumber } from './parse.js';

export interface MemoryFlags {
  /** In GB. */
  readonly memory?: number;
}

export const memoryOption = (): Option =>
  new Option(
    '--memory <GB>',
    'what it may take; what needs more is refused (default: what is free)',
  ).argParser(positiveNumber);

/** In bytes; undefined where none is named. */
export const givenMemory = ({ memory }: MemoryFlags): number | undefined =>
  memory === undefined ? undefined : 1e9 * memory;
