import { parentPort } from 'node:worker_threads';
import { pixelMetrics } from './pixel-metrics.js';
import type { ScoredMap } from './pixel-ranking.js';

/** The thread behind `measurePixels`. */
parentPort?.once('message', (pictures: readonly ScoredMap[]) => {
  parentPort?.postMessage(pixelMetrics(pictures));
});
