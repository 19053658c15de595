import { Worker } from 'node:worker_threads';
import type { PixelMetrics } from './pixel-metrics.js';
import type { ScoredMap } from './pixel-ranking.js';

/**
 * `pixelMetrics` in a thread of its own: ranking some ten million pixels takes seconds, in which the caller's
 * event loop stays free. The maps and masks are handed over, not copied: they are empty afterwards.
 */
export function measurePixels(pictures: readonly ScoredMap[]): Promise<PixelMetrics> {
  const worker = new Worker(new URL('./pixel-metrics-worker.node.js', import.meta.url));
  const transferred = new Set(
    pictures.flatMap(({ map, mask }) => [map.buffer, mask.buffer] as ArrayBuffer[]),
  );
  return new Promise((resolve, reject) => {
    worker.once('message', (metrics: PixelMetrics) => {
      resolve(metrics);
      void worker.terminate();
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread that measures pixels has ended early')));
    worker.postMessage(pictures, [...transferred]);
  });
}
