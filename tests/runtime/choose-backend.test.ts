import { describe, expect, it } from 'vitest';
import { chooseBackend } from '#csflow/runtime/choose-backend.node.js';
import { UserError } from '#csflow/errors.js';

/** A GPU that works is taken; one that does not is refused in words that name what is there. */
async function worksOrIsRefused(name: 'webgpu' | 'cuda'): Promise<void> {
  try {
    expect(await chooseBackend(name)).toBe(name);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      new RegExp(
        `^--device ${name}: expected one that works here, but .+ lists cpu, .*; what works here: .*cpu.* Use --device`,
      ),
    );
  }
}

describe('the choice of where to compute', () => {
  it('is the CPU without a trial', async () => {
    expect(await chooseBackend('cpu')).toBe('cpu');
  });
  it.each(['webgpu', 'cuda'] as const)('%s works or is refused', worksOrIsRefused);
  it('auto is CUDA or the CPU', async () => {
    const messages: string[] = [];
    const backend = await chooseBackend('auto', (message) => messages.push(message));
    if (backend === 'cuda') expect(messages).toEqual([]);
    else {
      expect(backend).toBe('cpu');
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatch(/^cuda does not work here \(.+\), computing on cpu$/);
    }
  });
});
