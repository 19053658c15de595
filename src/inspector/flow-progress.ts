import type { TrainingEvent } from '../training/index.js';
import type { EventListener } from './events.js';

/**
 * Events of several flows trained one after the other: each says which flow it is, and the time left is that of all.
 * @param work how long each takes, in any unit
 * @returns the listener of the flow of an index, from 0; made when that flow begins
 */
export function flowProgress(work: readonly number[], listener?: EventListener) {
  return (index: number): ((event: TrainingEvent) => void) => {
    const start = performance.now();
    const later = work.slice(index + 1).reduce((sum, one) => sum + one, 0);
    return (event) => {
      if (event.kind !== 'step' || work.length === 1) return listener?.(event);
      const whole = (performance.now() - start) / 1000 + event.secondsLeft;
      const secondsLeft = event.secondsLeft + (whole / work[index]) * later;
      listener?.({ ...event, secondsLeft, flow: { number: index + 1, of: work.length } });
    };
  };
}
