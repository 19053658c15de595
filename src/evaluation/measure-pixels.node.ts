import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.js';
import type { IntervalOptions } from './image-intervals.js';
import type { PixelMetricsByClass } from './pixel-metrics.js';
import type { ScoredMap, SmallMap } from './scored-map.js';

export type PixelRequest =
  | { readonly kind: 'add'; readonly picture: ScoredMap | SmallMap }
  | {
      readonly kind: 'finish';
      readonly threshold: number | undefined;
      readonly intervals: IntervalOptions | undefined;
    }
  | { readonly kind: 'close' };

export type PixelAnswer =
  | { readonly kind: 'added' | 'closed' }
  | { readonly kind: 'metrics'; readonly metrics: PixelMetricsByClass }
  | { readonly kind: 'failed'; readonly message: string; readonly error: FailureKind };

/** Classes of errors do not survive the way between threads. */
export type FailureKind = 'UserError' | 'RangeError' | 'Error';

/** Pixel metrics of pictures that come one by one and are not kept. */
export interface PixelMeasurement {
  /**
   * Takes a picture; resolves when it is counted. Its map and mask are handed over: they are empty afterwards. A map
   * of a size of its own is stretched there.
   * Pictures of defective parts come before those of good ones.
   * @throws RangeError for a NaN in the map, lengths that do not fit, and a defective picture after a good one;
   * UserError where scores that must wait find no room on the disk
   */
  add(picture: ScoredMap | SmallMap): Promise<void>;
  /**
   * @param threshold the one in use, for `regionRecall`
   * @param intervals where given, confidence intervals are made too
   */
  finish(threshold?: number, intervals?: IntervalOptions): Promise<PixelMetricsByClass>;
  /** Ends the thread and removes what it has put aside on the disk. */
  close(): Promise<void>;
}

/**
 * `pixelMetricsByClass` in a thread of its own, as pictures come: ranking some hundred million pixels takes seconds,
 * in which the caller's event loop stays free. Of defective pictures the scores wait (4 bytes a pixel; beyond 64 MB
 * in a temporary file) until all are there; good ones are counted and forgotten. For the intervals a tally of some
 * ten kilobytes a picture is kept.
 */
export function measurePixels(): PixelMeasurement {
  const worker = new Worker(new URL('./pixel-metrics-worker.node.js', import.meta.url));
  const waiting: Waiting[] = [];
  let ended: Error | undefined;

  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  worker.on('message', (answer: PixelAnswer) => {
    const first = waiting.shift();
    if (answer.kind !== 'failed') first?.resolve(answer);
    else first?.reject(new errorClasses[answer.error](answer.message));
  });
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the thread that measures pixels has ended')));

  const ask = (request: PixelRequest, moved: readonly ArrayBuffer[] = []): Promise<PixelAnswer> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      waiting.push({ resolve, reject });
      worker.postMessage(request, moved);
    });

  return {
    async add(picture) {
      const buffers = [picture.map.buffer, picture.mask?.buffer].filter((buffer) => buffer !== undefined);
      await ask({ kind: 'add', picture }, buffers as ArrayBuffer[]);
    },
    async finish(threshold, intervals) {
      const answer = await ask({ kind: 'finish', threshold, intervals });
      if (answer.kind !== 'metrics') throw new Error(`expected the metrics, got ${answer.kind}`);
      return answer.metrics;
    },
    async close() {
      if (ended !== undefined) return;
      await ask({ kind: 'close' });
      await worker.terminate();
    },
  };
}

const errorClasses = { UserError, RangeError, Error };

interface Waiting {
  readonly resolve: (answer: PixelAnswer) => void;
  readonly reject: (error: Error) => void;
}
