import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectBefore } from '#csflow/runtime/collect-garbage.node.js';

it('what nothing holds is free before a large model is compiled', async () => {
  const held = new Float32Array(1 << 20);
  const dropped = new WeakRef(new Float32Array(1 << 20));
  const kept = new WeakRef(held);
  // A weak reference holds its target until the turn that made it has ended.
  await setImmediate();
  collectBefore(new Uint8Array(1 << 24));
  expect(dropped.deref()).toBeUndefined();
  expect(kept.deref()).toBe(held);
});
