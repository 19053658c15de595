/** A process has ended that was guessed to take so many seconds. */
export type Ended = (what: string, guessedSeconds: number) => void;

/** A table of `csflow bench`: what it takes by a guess, and how it is measured. */
export interface BenchSection<T> {
  readonly guessedSeconds: number;
  readonly run: (ended: Ended, signal?: AbortSignal) => Promise<T>;
}
