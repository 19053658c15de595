import { UserError } from '../errors.js';
import { floatsOf, readSafetensors, writeSafetensors } from '../tensor/safetensors.js';
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

/** A checkpoint as safetensors, its facts in the metadata. */
export function encodeCheckpoint({ state, ...facts }: Checkpoint): Uint8Array {
  const tensors = new Map(
    stateBuffers.map((name) => [name, { dims: [state[name].length], data: state[name] }]),
  );
  return writeSafetensors(tensors, { 'csflow.checkpoint': JSON.stringify(facts) });
}

/** @throws UserError where the bytes are no checkpoint, or one of another training than `fingerprint` */
export function decodeCheckpoint(bytes: Uint8Array, source: string, fingerprint: string): Checkpoint {
  const file = readSafetensors(bytes, source);
  const facts = file.metadata['csflow.checkpoint'];
  if (facts === undefined)
    throw new UserError(`${source}: expected a checkpoint of csflow, got other tensors`);
  const { step, seconds, progress, fingerprint: saved } = JSON.parse(facts) as Omit<Checkpoint, 'state'>;
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
