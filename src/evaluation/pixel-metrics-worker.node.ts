import { parentPort } from 'node:worker_threads';
import { messageOf, UserError } from '../errors.js';
import { collectDefects } from './defective-pixels.js';
import { bitsOf } from './float-keys.js';
import { countGoodPixels, goodKeysOf, sourceOf, type GoodPixelCounter } from './good-pixels.js';
import { openKeyStore } from './key-store.node.js';
import type { FailureKind, PixelAnswer, PixelRequest } from './measure-pixels.node.js';
import { metricsByClass, type PixelMetricsByClass } from './pixel-metrics.js';
import { checkScoredMap, stretched, type ScoredMap, type SmallMap } from './scored-map.js';

/** The thread behind `measurePixels`. */
const defects = collectDefects();
const waiting = openKeyStore();
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
    defects.add(picture);
    waiting.add(source, goodKeysOf(picture));
  } else {
    counter ??= startCounting();
    counter.add(source, goodKeysOf(picture, bitsOf(picture.map)));
  }
}

function startCounting(): GoodPixelCounter {
  const started = countGoodPixels(defects.rank());
  waiting.drain((source, keys) => started.add(source, keys));
  return started;
}

function finish(threshold: number | undefined): PixelMetricsByClass {
  counter ??= startCounting();
  return metricsByClass(counter.finish(), threshold);
}

function answerTo(request: PixelRequest): PixelAnswer {
  try {
    switch (request.kind) {
      case 'add':
        add(request.picture);
        return { kind: 'added' };
      case 'finish':
        return { kind: 'metrics', metrics: finish(request.threshold) };
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
