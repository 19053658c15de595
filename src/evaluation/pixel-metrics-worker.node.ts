import { parentPort } from 'node:worker_threads';
import { messageOf, UserError } from '../errors.js';
import { collectDefects } from './defective-pixels.js';
import { bitsOf } from './float-keys.js';
import { countGoodPixels, goodKeysOf, sourceOf, type GoodPixelCounter } from './good-pixels.js';
import type { IntervalOptions } from './image-intervals.js';
import { openKeyStore } from './key-store.node.js';
import type { FailureKind, PixelAnswer, PixelRequest } from './measure-pixels.node.js';
import { pixelIntervals } from './pixel-intervals.js';
import { metricsByClass, type PixelMetricsByClass } from './pixel-metrics.js';
import { pixelTallying, type PixelTally } from './pixel-tallies.js';
import { checkScoredMap, stretched, type ScoredMap, type SmallMap } from './scored-map.js';

/** The thread behind `measurePixels`. */
const defects = collectDefects();
const waiting = openKeyStore();
const tally = pixelTallying();
const tallies: PixelTally[] = [];
let counter: GoodPixelCounter | undefined;
let pictures = 0;

function add(given: ScoredMap | SmallMap): void {
  const name = `picture ${pictures++}`;
  const picture = 'mapSize' in given ? stretched(given, name) : given;
  checkScoredMap(picture, name);
  const source = sourceOf(picture);
  if (source.picture === 'defective') {
    if (counter !== undefined)
      throw new RangeError('pictures: expected the defective ones before the good ones');
    const regions = defects.add(picture);
    const keys = goodKeysOf(picture);
    tallies.push(tally(picture, keys, regions));
    waiting.add(source, keys);
  } else {
    counter ??= startCounting();
    const keys = goodKeysOf(picture, bitsOf(picture.map));
    tallies.push(tally(picture, keys, undefined));
    counter.add(source, keys);
  }
}

function startCounting(): GoodPixelCounter {
  const started = countGoodPixels(defects.rank());
  waiting.drain((source, keys) => started.add(source, keys));
  return started;
}

function finish(threshold: number | undefined, options: IntervalOptions | undefined): PixelMetricsByClass {
  counter ??= startCounting();
  const metrics = metricsByClass(counter.finish(), threshold);
  return options === undefined
    ? metrics
    : { ...metrics, intervals: pixelIntervals(tallies, threshold, options) };
}

function answerTo(request: PixelRequest): PixelAnswer {
  try {
    switch (request.kind) {
      case 'add':
        add(request.picture);
        return { kind: 'added' };
      case 'finish':
        return { kind: 'metrics', metrics: finish(request.threshold, request.intervals) };
      case 'close':
        waiting.close();
        return { kind: 'closed' };
    }
  } catch (error) {
    waiting.close();
    return { kind: 'failed', message: messageOf(error), error: kindOf(error) };
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof UserError) return 'UserError';
  return error instanceof RangeError ? 'RangeError' : 'Error';
}

parentPort?.on('message', (request: PixelRequest) => parentPort?.postMessage(answerTo(request)));
