/**
 * The results of `fn` in the order of `items`, while at most `concurrency` calls are under way or done and not
 * yet taken. Where the consumer stops early or a call fails, no further calls start and the results of those
 * under way are dropped.
 * @param signal stops the iteration with its reason at once; handed to `fn` too
 * @throws RangeError where `concurrency` is no positive integer; whatever `fn` throws, at its item's turn
 */
export async function* mapConcurrently<T, R>(
  items: Iterable<T>,
  concurrency: number,
  fn: (item: T, index: number, signal?: AbortSignal) => Promise<R> | R,
  signal?: AbortSignal,
): AsyncGenerator<R, void, undefined> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`concurrency: expected an integer of at least 1, got ${concurrency}`);
  }
  const ahead: Promise<R>[] = [];
  let index = 0;
  const call = async (item: T) => fn(item, index++, signal);
  const iterator = items[Symbol.iterator]();
  const fill = () => {
    while (ahead.length < concurrency) {
      const next = iterator.next();
      if (next.done) return;
      const result = call(next.value);
      void result.catch(() => undefined); // a failure is told at its turn, which may never come
      ahead.push(result);
    }
  };

  try {
    for (;;) {
      signal?.throwIfAborted();
      fill();
      const first = ahead[0];
      if (first === undefined) return;
      const result = await orAborted(first, signal);
      void ahead.shift();
      fill();
      yield result;
    }
  } finally {
    iterator.return?.();
  }
}

async function orAborted<R>(result: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (signal === undefined) return result;
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([result, aborted]);
    signal.throwIfAborted();
    return await result;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
