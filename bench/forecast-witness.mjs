// Loaded before csflow by forecast.mjs: notes when steps and features end and, at the end of the process, writes that
// and the most memory it held to the file that CSFLOW_WITNESS names.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const marks = { features: undefined, firstFeature: undefined, steps: [] };
  // On a terminal every step is told of that takes a tenth of a second.
  Object.assign(process.stderr, { isTTY: true, columns: 1000 });
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text, ...others) => {
    const seconds = performance.now() / 1000;
    const step = /epoch (\d+)\/\d+, step (\d+)\//.exec(text);
    if (step !== null) marks.steps.push({ seconds, epoch: Number(step[1]), step: Number(step[2]) });
    const feature = /features \S+ (\d+)\/\d+/.exec(text);
    if (feature !== null) marks.features = { seconds, done: Number(feature[1]) };
    if (feature !== null) marks.firstFeature ??= marks.features;
    return write(text, ...others);
  };
  process.on('exit', () => {
    const peak = 1024 * process.resourceUsage().maxRSS;
    writeFileSync(process.env.CSFLOW_WITNESS, JSON.stringify({ ...marks, peak }));
  });
}
