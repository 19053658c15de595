import { readFile } from 'node:fs/promises';
import { mapConcurrently } from '../data/index.js';
import type { RgbImage } from '../data/types.js';
import { openInspector } from '../inspector/inspector.js';
import { createWorkerDevice } from '../runtime/worker-device.node.js';
import type { PredictRequest } from './predict-section.js';
import { startRateClock } from './rate-clock.js';
import type { RateAnswer } from './rate.js';

/** A process of its own that times a model file from decoded pixels to scores: a `PredictRequest` in, a `RateAnswer` out. */
const { model, pixels, threads, backend } = JSON.parse(process.argv[2]) as PredictRequest;

const sizes = JSON.parse(await readFile(`${pixels}.json`, 'utf8')) as readonly (readonly [number, number])[];
const bytes = await readFile(`${pixels}.bin`);
let at = 0;
const pictures = sizes.map(([height, width]): RgbImage => {
  const data = new Uint8Array(bytes.subarray(at, at + height * width * 3));
  at += data.length;
  return { width, height, data };
});

const device = createWorkerDevice({ threads, backend });
const beforeOpening = performance.now();
const inspector = await openInspector(await readFile(model), device, model, { parallel: true });
const compile_seconds = (performance.now() - beforeOpening) / 1000;

async function scoresOf(some: readonly RgbImage[]): Promise<number[]> {
  const scores: number[] = [];
  const look = (picture: RgbImage) => inspector.inspect(picture);
  for await (const { score } of mapConcurrently(some, inspector.lanes + 2, look)) scores.push(score);
  return scores;
}
await scoresOf(pictures.slice(0, 8));
const rateSinceStart = startRateClock();
const scores = await scoresOf(pictures);
const rate = rateSinceStart(pictures.length);
await device.close();
const answer: RateAnswer = { ...rate, compile_seconds, scores };
process.stdout.write(`${JSON.stringify(answer)}\n`);
