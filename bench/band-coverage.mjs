// How often the band of the false-reject rate covers the true rate, over drawn scores whose true rates are known.
//   node bench/band-coverage.mjs [draws]
import { calibrate } from '../dist/evaluation/index.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const draws = Number(process.argv[2] ?? 2000);

/** P(Z > x) of a standard normal, by Simpson's rule. */
function upperTail(x) {
  const end = Math.max(x, 0) + 12;
  const steps = 400;
  const width = (end - x) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const z = x + i * width;
    sum += Math.exp((-z * z) / 2) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

/** Normal scores; the images of a part are correlated, and a share `odd` of the parts lies 3 deviations higher. */
function draw(random, { parts, images, correlation, odd = 0 }) {
  const groups = Array.from({ length: parts * images }, (_, i) => Math.floor(i / images));
  const ofPart = Array.from(
    { length: parts },
    () => Math.sqrt(correlation) * random.normal() + (random.uniform() < odd ? 3 : 0),
  );
  const scores = groups.map((part) => ofPart[part] + Math.sqrt(1 - correlation) * random.normal());
  const rateAbove = (threshold) => (1 - odd) * upperTail(threshold) + odd * upperTail(threshold - 3);
  return { scores, groups, rateAbove };
}

const cases = [
  { parts: 20, images: 1, correlation: 0, rate: 0.01 },
  { parts: 100, images: 1, correlation: 0, rate: 0.01 },
  { parts: 100, images: 1, correlation: 0, rate: 0.1 },
  { parts: 18, images: 6, correlation: 0, rate: 0.01 },
  { parts: 18, images: 6, correlation: 0.5, rate: 0.01 },
  { parts: 18, images: 6, correlation: 0.9, rate: 0.01 },
  { parts: 117, images: 6, correlation: 0, rate: 0.01 },
  { parts: 117, images: 6, correlation: 0.5, rate: 0.01 },
  { parts: 117, images: 6, correlation: 0.9, rate: 0.01 },
  { parts: 117, images: 6, correlation: 0.9, rate: 0.1 },
  { parts: 5, images: 8, correlation: 0.7, rate: 0.05 },
  { parts: 18, images: 6, correlation: 0.3, rate: 0.01, odd: 0.05 },
  { parts: 117, images: 6, correlation: 0.3, rate: 0.01, odd: 0.05 },
];

console.log('| parts × images | alike | odd parts | asked | true rate, mean | covered | below | above |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const made of cases) {
  const random = new NumpyRandom(1);
  let [sum, below, above] = [0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const { scores, groups, rateAbove } = draw(random, made);
    const { threshold, band } = calibrate(scores, made.rate, groups);
    const truth = rateAbove(threshold);
    sum += truth;
    if (truth < band.low) below++;
    if (truth > band.high) above++;
  }
  const percent = (count) => `${((100 * count) / draws).toFixed(1)} %`;
  const cells = [
    `${made.parts} × ${made.images}`,
    made.correlation,
    percent((made.odd ?? 0) * draws),
    percent(made.rate * draws),
    `${((100 * sum) / draws).toFixed(2)} %`,
    percent(draws - below - above),
    percent(below),
    percent(above),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
