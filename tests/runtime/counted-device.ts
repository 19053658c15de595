import type { Device, Session } from '#csflow/runtime/session.js';

/** A device that knows what is open on it. */
export interface CountedDevice extends Device {
  readonly sessions: ReadonlySet<Session>;
  readonly buffers: ReadonlySet<string>;
}

/** The compilation or run that fails, counted from 1 over all sessions. */
export type Failure = { readonly compile: number } | { readonly run: number };

/** @param failure left out: none fails */
export function countedDevice(device: Device, failure?: Failure): CountedDevice {
  const sessions = new Set<Session>();
  const buffers = new Set<string>();
  const done = { compile: 0, run: 0 };
  const demand = (kind: keyof typeof done): void => {
    const last = failure && kind in failure ? (failure as Record<typeof kind, number>)[kind] : undefined;
    if (++done[kind] === last) throw new Error(`${kind} ${last} failed`);
  };
  const counted = (session: Session): Session => {
    sessions.add(session);
    return {
      ...session,
      async run(feeds) {
        demand('run');
        return session.run(feeds);
      },
      async close() {
        await session.close();
        sessions.delete(session);
      },
    };
  };
  return {
    ...device,
    sessions,
    buffers,
    async createBuffer(name, ...rest) {
      await device.createBuffer(name, ...rest);
      buffers.add(name);
    },
    async dropBuffer(name) {
      await device.dropBuffer(name);
      buffers.delete(name);
    },
    async compile(...model) {
      demand('compile');
      return counted(await device.compile(...model));
    },
    async compileParallel(model) {
      demand('compile');
      return counted(await device.compileParallel(model));
    },
  };
}
