import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  decodeImageContent,
  fileState,
  gate,
  quietState,
  readImageContent,
  sameState,
  watchTree,
  type FileState,
} from '../data/index.js';
import { compareText } from '../data/compare-text.js';
import type { RgbImage } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import { DeviceLost } from '../runtime/session.js';
import type { Inspector, Verdict } from './inspector.js';

export interface ArrivedFile extends FileState {
  /** Absolute path. */
  readonly path: string;
}

/** One image that has arrived: judged, or given up since it cannot be. */
export type Arrived =
  | {
      readonly kind: 'verdict';
      readonly file: ArrivedFile;
      readonly picture: RgbImage;
      readonly verdict: Verdict;
      readonly seconds: number;
    }
  | { readonly kind: 'failed'; readonly file: ArrivedFile; readonly reason: string };

export interface ArrivalOptions {
  /** Called for one image after the other; the watch ends with what it throws. */
  readonly onArrived: (arrived: Arrived) => Promise<void>;
  /** Once, when all that was there at the start is known. @param waiting how many of it are to be judged */
  readonly onReady?: (waiting: number) => void;
  readonly onNotice?: (text: string) => void;
  /** Whether a file in this state was judged earlier; default: none was. */
  readonly isKnown?: (file: ArrivedFile) => boolean;
  /** Leave out what is there at the start; default false. */
  readonly newOnly?: boolean;
  readonly ignore?: (path: string) => boolean;
  /** How long size and time of writing must stay the same; default 200. */
  readonly quietMilliseconds?: number;
  /** How long a file that no longer changes is tried again, where it cannot be judged, before it is given up; default 10,000. */
  readonly patienceMilliseconds?: number;
  /** See `watchTree`. */
  readonly rescanMilliseconds?: number;
  /** Ends the watch; images that the model is at are finished. */
  readonly signal: AbortSignal;
}

type Looked =
  | {
      readonly kind: 'verdict';
      readonly picture: RgbImage;
      readonly verdict: Verdict;
      readonly seconds: number;
    }
  | { readonly kind: 'unjudged'; readonly reason: string }
  | { readonly kind: 'changed' | 'stopped' };

/** Images decoded beyond those that the model is at. */
const ahead = 2;
const longestPause = 2000;

/**
 * Judges images as they arrive in a folder or any folder below it. A file is looked at once its size and time of
 * writing stay the same and it can be decoded; what has changed meanwhile is looked at again. Waiting for one file
 * holds up no other, and one that cannot be judged, whatever the reason, is told of and left.
 * @returns once the signal is aborted: how many files were seen and not judged
 * @throws UserError where the folder is missing or lost; DeviceLost; whatever `onArrived` throws
 */
export async function inspectArrivals(
  inspector: Inspector,
  directory: string,
  options: ArrivalOptions,
): Promise<number> {
  const { onArrived, isKnown, quietMilliseconds = 200, patienceMilliseconds = 10_000, signal } = options;
  const stop = new AbortController();
  // Each file that is waited for listens.
  setMaxListeners(0, stop.signal);
  let failure: { readonly reason: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { reason: error };
    stop.abort();
  };
  const done = new Map<string, FileState>();
  const isDone = (file: ArrivedFile): boolean => {
    const state = done.get(file.path);
    return (state !== undefined && sameState(state, file)) || (isKnown?.(file) ?? false);
  };
  const decoding = gate(inspector.lanes + ahead);
  const judging = gate(inspector.lanes);
  const telling = gate(1);
  let unfinished = 0;

  const look = async (file: ArrivedFile): Promise<Looked> => {
    if (stop.signal.aborted) return { kind: 'stopped' };
    try {
      const picture = await decodeImageContent(await readImageContent(file.path), file.path);
      const after = await fileState(file.path);
      if (after === undefined || !sameState(after, file)) return { kind: 'changed' };
      return await judging(async () => {
        if (stop.signal.aborted) return { kind: 'stopped' };
        const start = performance.now();
        const verdict = await inspector.inspect(picture);
        if (!Number.isFinite(verdict.score)) throw new RangeError(`its score is ${verdict.score}`);
        return { kind: 'verdict', picture, verdict, seconds: (performance.now() - start) / 1000 };
      });
    } catch (error) {
      if (error instanceof DeviceLost) throw error;
      return { kind: 'unjudged', reason: reasonOf(error, file.path) };
    }
  };
  const tell = (arrived: Arrived): Promise<void> =>
    telling(async () => {
      if (failure !== undefined) return;
      await onArrived(arrived);
      done.set(arrived.file.path, arrived.file);
    });
  const follow = async (path: string, earlier?: FileState): Promise<void> => {
    let last: FileState | undefined;
    let since = 0;
    let pause = quietMilliseconds;
    for (;;) {
      const state = await quietState(path, quietMilliseconds, stop.signal, last ?? earlier);
      if (state === undefined) {
        if (last !== undefined) options.onNotice?.(`${path}: gone before it could be judged`);
        return;
      }
      const file = { path, ...state };
      if (isDone(file)) return;
      if (last === undefined || !sameState(last, state)) {
        last = state;
        since = performance.now();
        pause = quietMilliseconds;
      }
      const looked = await decoding(() => look(file));
      switch (looked.kind) {
        case 'verdict':
          return tell({ ...looked, file });
        case 'stopped':
          unfinished++;
          return;
        case 'changed':
          break;
        case 'unjudged': {
          const left = patienceMilliseconds - (performance.now() - since);
          if (left <= 0) return tell({ kind: 'failed', file, reason: looked.reason });
          await delay(Math.min(pause, left), undefined, { signal: stop.signal });
          pause = Math.min(2 * pause, longestPause);
        }
      }
    }
  };

  const isWaiting = async (path: string): Promise<boolean> => {
    const state = await fileState(path);
    return state !== undefined && !isDone({ path, ...state });
  };
  const check = async (path: string): Promise<void> => {
    if (await isWaiting(path)) take(path);
  };
  const underWay = new Map<string, { readonly work: Promise<void>; again: boolean }>();
  const take = (path: string, earlier?: FileState): void => {
    if (stop.signal.aborted) return;
    const current = underWay.get(path);
    if (current !== undefined) {
      current.again = true;
      return;
    }
    const work = follow(path, earlier)
      .catch(async (error: unknown) => {
        if (!isAbort(error)) fail(error);
        else if (await isWaiting(path)) unfinished++;
      })
      .finally(() => {
        const again = underWay.get(path)?.again;
        underWay.delete(path);
        if (again) void check(path);
      });
    underWay.set(path, { work, again: false });
  };

  const atStart: string[] = [];
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const end = (): void => stop.abort();
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const watch = await watchTree(directory, {
    ...options,
    onImage: (path, early) => (early ? void atStart.push(path) : check(path)),
    onLost: fail,
  });
  try {
    const found = (await Promise.all(atStart.map(withState))).filter((file) => file !== undefined);
    found.sort((a, b) => a.modified - b.modified || compareText(a.path, b.path));
    const waiting = options.newOnly ? [] : found.filter((file) => !isDone(file));
    if (options.newOnly) for (const file of found) done.set(file.path, file);
    options.onReady?.(waiting.length);
    // One wait for all: they may be very many.
    await delay(quietMilliseconds, undefined, { signal: stop.signal }).then(
      () => waiting.forEach((file) => take(file.path, file)),
      () => (unfinished += waiting.length),
    );
    await stopped;
    await Promise.all([...underWay.values()].map(({ work }) => work));
  } finally {
    watch.close();
    signal.removeEventListener('abort', end);
  }
  if (failure !== undefined) throw failure.reason;
  return unfinished;
}

/** An error that no user was meant to read says what it is about. */
const reasonOf = (error: unknown, path: string): string =>
  error instanceof UserError
    ? error.message
    : `${path}: this image could not be judged (${messageOf(error)}); look at it, and take it again or make it smaller`;

/** As the timers reject when their signal is aborted. */
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

async function withState(path: string): Promise<ArrivedFile | undefined> {
  const state = await fileState(path);
  return state && { path, ...state };
}
