import type { Device, Session } from '#csflow/runtime/session.js';

/** A device that knows what is open on it. */
export interface CountedDevice extends Device {
  readonly sessions: ReadonlySet<Session>;
  readonly buffers: ReadonlySet<string>;
}

export function countedDevice(device: Device): CountedDevice {
  const sessions = new Set<Session>();
  const buffers = new Set<string>();
  const counted = (session: Session): Session => {
    sessions.add(session);
    return {
      ...session,
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
    compile: async (...model) => counted(await device.compile(...model)),
    compileParallel: async (model) => counted(await device.compileParallel(model)),
  };
}
