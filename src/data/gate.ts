/**
 * Lets at most `places` calls run at a time; the others wait in order.
 * @throws RangeError where `places` is no positive integer
 */
export function gate(places: number): <R>(work: () => Promise<R>) => Promise<R> {
  if (!Number.isInteger(places) || places < 1) {
    throw new RangeError(`places: expected an integer of at least 1, got ${places}`);
  }
  let free = places;
  const waiting: (() => void)[] = [];
  const enter = (): Promise<void> | undefined => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve));
    free--;
    return undefined;
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
