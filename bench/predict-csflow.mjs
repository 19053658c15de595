// Runs a model file by csflow from decoded pixels to scores; prints one line of JSON, as predict_openvino.py does.
//   node bench/predict-csflow.mjs MODEL.onnx PIXELS
import { readFileSync } from 'node:fs';
import { mapConcurrently } from '../dist/data/index.js';
import { openInspector } from '../dist/inspector/inspector.js';
import { createWorkerDevice } from '../dist/runtime/worker-device.node.js';

const [model, pixels] = process.argv.slice(2);
const data = readFileSync(`${pixels}.bin`);
let at = 0;
const pictures = JSON.parse(readFileSync(`${pixels}.json`, 'utf8')).map(([height, width]) => {
  const picture = { width, height, data: new Uint8Array(data.subarray(at, at + height * width * 3)) };
  at += height * width * 3;
  return picture;
});
const device = createWorkerDevice();
const beforeCompiling = performance.now();
const inspector = await openInspector(readFileSync(model), device, model, { parallel: true });
const compile_seconds = (performance.now() - beforeCompiling) / 1000;

async function scoresOf(some) {
  const scores = [];
  const look = (picture) => inspector.inspect(picture);
  for await (const { score } of mapConcurrently(some, inspector.lanes + 2, look)) scores.push(score);
  return scores;
}
await scoresOf(pictures.slice(0, 8));
const [start, cpu] = [performance.now(), process.cpuUsage()];
const scores = await scoresOf(pictures);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
await device.close();
const images_per_second = pictures.length / seconds;
const cpu_per_second = (user + system) / 1e6 / seconds;
console.log(JSON.stringify({ images_per_second, cpu_per_second, compile_seconds, scores }));
