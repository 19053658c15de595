import type { Tensor } from '../tensor/tensor.js';
import { probeFeatures, probeStep, type ProbeProgram } from './probe-programs.js';
import type { Device } from './session.js';

/** Two, so that the second sees what the first has written. */
const runs = 2;
/** Of the largest value; some graphics processors multiply with 10 bits after the point. */
const tolerance = 0.02;

/**
 * Runs a training step and a backbone's layers in little on a device and on one that is trusted.
 * @returns what is wrong with the device's answer; undefined where nothing is
 * @throws whatever the device throws where it cannot run them
 */
export async function probeDevice(device: Device, trusted: Device): Promise<string | undefined> {
  for (const [what, program] of [
    ['a training step comes', probeStep()],
    ['the features of a picture come', probeFeatures()],
  ] as const) {
    const [answers, expected] = [await answersOf(device, program), await answersOf(trusted, program)];
    for (const [name, values] of expected) {
      const wrong = difference(answers.get(name), values);
      if (wrong !== undefined) return `${what} out wrong: ${name} ${wrong}`;
    }
  }
  return undefined;
}

type Answers = ReadonlyMap<string, Tensor['data']>;

/** What a program says in each of its runs, and what it leaves in its buffers. */
async function answersOf(
  device: Device,
  { model, feeds, bindings, buffers }: ProbeProgram,
): Promise<Answers> {
  for (const [name, values] of Object.entries(buffers)) await device.createBuffer(name, values);
  const session = await device.compile(model, bindings);
  const answers = new Map<string, Tensor['data']>();
  for (let run = 1; run <= runs; run++) {
    for (const [name, { data }] of Object.entries(await session.run(feeds))) {
      answers.set(`${name} of run ${run}`, data);
    }
  }
  await session.close();
  for (const name of Object.keys(buffers)) {
    answers.set(name, await device.readBuffer(name));
    await device.dropBuffer(name);
  }
  return answers;
}

function difference(values: Tensor['data'] | undefined, expected: Tensor['data']): string | undefined {
  if (values?.length !== expected.length) {
    return `has ${values?.length ?? 'no'} values, ${expected.length} are right`;
  }
  const [found, right] = [values, expected].map((data) => Array.from(data, Number));
  const largest = right.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // A value that is no number is never within.
  const at = found.findIndex((value, i) => !(Math.abs(value - right[i]) <= tolerance * largest));
  return at < 0 ? undefined : `is ${found[at].toPrecision(4)} where ${right[at].toPrecision(4)} is right`;
}
