import { Option } from 'commander';
import { chooseBackend } from '../runtime/choose-backend.node.js';
import { backendChoices, type Backend, type BackendChoice, type Device } from '../runtime/session.js';
import { createWorkerDevice } from '../runtime/worker-device.node.js';

export interface DeviceFlags {
  readonly device: BackendChoice;
  readonly threads?: number;
  /** Whether to keep back why `auto` takes the CPU. */
  readonly quiet?: boolean;
}

export function deviceOption(): Option {
  return new Option(
    '--device <name>',
    'where to compute; auto is cuda where it works, else cpu; webgpu, of unproven speed, is only taken by name',
  )
    .choices(backendChoices)
    .default('cpu');
}

/** The backend the user wants, tried; on stderr why `auto` takes the CPU. */
export function backendFor(device: BackendChoice, quiet = false): Promise<Backend> {
  return chooseBackend(device, (message) => {
    if (!quiet) process.stderr.write(`${message}\n`);
  });
}

/** The device the user wants, tried before it is used. */
export async function openDevice({ device, threads, quiet }: DeviceFlags): Promise<Device> {
  return createWorkerDevice({ threads, backend: await backendFor(device, quiet) });
}
