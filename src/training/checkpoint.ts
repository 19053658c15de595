import { UserError } from '../errors.js';
import { bytesOf, floatsOf, readSafetensors, safetensorsHeader } from '../tensor/safetensors.js';
import { stateBuffers } from './training-step.js';

/** Everything a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly state: Readonly<Record<(typeof stateBuffers)[number], Float32Array>>;
  /** Steps done. */
  readonly step: number;
  /** Seconds of training so far, for a time budget. */
  readonly seconds: number;
  /** Share of the training that is done. */
  readonly progress: number;
  /** Names the data, the model and the recipe: a checkpoint goes on only with the same. */
  readonly fingerprint: string;
}

/** Of what a file holds; another one may mean other things by the same names. */
const format = 2;

/** A checkpoint whose state is read when it is written, one buffer after the other: a large one is never whole in memory. */
export interface LiveCheckpoint extends Omit<Checkpoint, 'state'> {
  /** Learned values. */
  readonly length: number;
  readonly read: (buffer: (typeof stateBuffers)[number]) => Promise<Float32Array>;
}

/** The parts of a checkpoint file, in order: safetensors with the facts in the metadata. */
export async function* checkpointParts({
  length,
  read,
  ...facts
}: LiveCheckpoint): AsyncGenerator<Uint8Array> {
  const dimsOf = new Map(stateBuffers.map((name) => [name, [length]]));
  yield safetensorsHeader(dimsOf, { 'csflow.checkpoint': JSON.stringify({ format, ...facts }) });
  for (const name of stateBuffers) yield bytesOf(await read(name));
}

/** @throws UserError where the bytes are no checkpoint, or one of another training than `fingerprint` */
export function decodeCheckpoint(bytes: Uint8Array, source: string, fingerprint: string): Checkpoint {
  const file = readSafetensors(bytes, source);
  const facts = file.metadata['csflow.checkpoint'];
  if (facts === undefined)
    throw new UserError(`${source}: expected a checkpoint of csflow, got other tensors`);
  const read = JSON.parse(facts) as Omit<Checkpoint, 'state'> & { readonly format?: number };
  if (read.format !== format) {
    throw new UserError(
      `${source}: expected a checkpoint of format ${format}, got ${read.format ?? 1}, written by another version of ` +
        'csflow; leave out --resume to start anew',
    );
  }
  const { step, seconds, progress, fingerprint: saved } = read;
  if (saved !== fingerprint) {
    throw new UserError(
      `${source}: the checkpoint is of a training with other data or settings; ` +
        'give the same ones as before, or leave out --resume to start anew',
    );
  }
  const [parameters, firstMoment, secondMoment] = stateBuffers.map((name) => floatsOf(file, name).data);
  return {
    state: { parameters: parameters, firstMoment: firstMoment, secondMoment: secondMoment },
    step,
    seconds,
    progress,
    fingerprint,
  };
}
