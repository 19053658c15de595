import { describe, expect, it, vi } from 'vitest';
import type { InspectorEvent } from '#csflow/inspector/events.js';
import { flowProgress } from '#csflow/inspector/flow-progress.js';

const step = { kind: 'step', step: 1, steps: 4, epoch: 1, epochs: 1, loss: 1, gradientNorm: 1 } as const;
const event = (secondsLeft: number) => ({ ...step, learningRate: 1, imagesPerSecond: 1, secondsLeft });

function collect(work: readonly number[]) {
  const events: InspectorEvent[] = [];
  return { events, eventsOf: flowProgress(work, (one) => events.push(one)) };
}

describe('flowProgress', () => {
  it('adds the time of the flows to come, by how long this one takes', () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    const { events, eventsOf } = collect([2, 2, 3]);
    const listen = eventsOf(1);
    clock.mockReturnValue(4000);
    listen(event(6));
    clock.mockRestore();
    // Ten seconds for work of 2: fifteen for the 3 to come.
    expect(events).toEqual([{ ...event(6 + 15), flow: { number: 2, of: 3 } }]);
  });

  it('leaves a single flow, and other events, as they are', () => {
    const alone = collect([7]);
    alone.eventsOf(0)(event(6));
    expect(alone.events).toEqual([event(6)]);
    const several = collect([1, 1]);
    several.eventsOf(0)({ kind: 'checkpoint', step: 3 });
    expect(several.events).toEqual([{ kind: 'checkpoint', step: 3 }]);
  });
});
