import { z } from 'zod';
import { median } from './statistics.js';

/** What a process that goes through pictures says, ours and the peers' alike. */
export const rateAnswer = z.object({
  images_per_second: z.number().positive(),
  /** CPU seconds of all its threads and processes in one second. */
  cpu_per_second: z.number().nonnegative(),
  /** Seconds to read and compile a model file. */
  compile_seconds: z.number().positive().optional(),
  /** Of each picture. */
  scores: z.array(z.number()).optional(),
  /** Of the first picture's features: means at the three scales, then mean squares. */
  moments: z.array(z.number()).length(6).optional(),
  /** Name and version of the peer. */
  peer: z.string().optional(),
});
export type RateAnswer = Readonly<z.infer<typeof rateAnswer>>;

/** Medians over the turns. */
export interface Rate {
  readonly imagesPerSecond: number;
  /** Of all threads that it may use, from 0 to 1. */
  readonly busyShare: number;
  readonly cpuSecondsAnImage: number;
  readonly compileSeconds?: number;
}

export function rateOf(turns: readonly RateAnswer[], threads: number): Rate {
  const of = (figure: (turn: RateAnswer) => number): number => median(turns.map(figure));
  const compiling = turns.flatMap(({ compile_seconds }) => compile_seconds ?? []);
  return {
    imagesPerSecond: of((turn) => turn.images_per_second),
    busyShare: of((turn) => turn.cpu_per_second) / threads,
    cpuSecondsAnImage: of((turn) => turn.cpu_per_second / turn.images_per_second),
    ...(compiling.length > 0 && { compileSeconds: median(compiling) }),
  };
}

/** A peer's rate beside ours. */
export interface PeerRate extends Rate {
  /** The peer's name and version. */
  readonly version: string;
  /** The median over turns of our images a second divided by the peer's in the same turn. */
  readonly ratio: number;
}

export function peerRate(
  ours: readonly RateAnswer[],
  theirs: readonly RateAnswer[],
  threads: number,
): PeerRate {
  return {
    ...rateOf(theirs, threads),
    version: theirs[0].peer ?? 'unknown',
    ratio: median(ours.map((own, turn) => own.images_per_second / theirs[turn].images_per_second)),
  };
}
