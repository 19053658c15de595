import { Option } from 'commander';
import { chooseBackend } from '../runtime/choose-backend.node.js';
import { backendChoices, type BackendChoice, type Device } from '../runtime/session.js';
import { createWorkerDevice } from '../runtime/worker-device.node.js';

export interface DeviceFlags {
  readonly device: BackendChoice;
  readonly threads?: number;
}

export function deviceOption(): Option {
  return new Option(
    '--device <name>',
    'where to compute; auto is cuda where it works, else cpu; webgpu, of unproven speed, is only taken by name',
  )
    .choices(backendChoices)
    .default('cpu');
}

/** The device the user wants, tried before it is used. */
export async function openDevice({ device, threads }: DeviceFlags): Promise<Device> {
  return createWorkerDevice({ threads, backend: await chooseBackend(device) });
}
