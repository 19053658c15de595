import type { SkippedFile } from '../data/types.js';

export interface SkippedReason {
  readonly reason: string;
  readonly count: number;
}

/** How many files were left out for each reason; a reason's own file name is not part of it. */
export function summariseSkipped(skipped: readonly SkippedFile[]): readonly SkippedReason[] {
  const counts = new Map<string, number>();
  for (const { path, reason } of skipped) {
    const plain = reason.replaceAll(path, '').replace(/^[:\s]+/, '');
    counts.set(plain, (counts.get(plain) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({ reason, count }));
}
