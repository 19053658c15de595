// How often the drift check of a watch warns although nothing changes, over drawn scores: models calibrated with one
// photo a part and with several, and streams of photos of new parts.
//   node bench/drift-false-alarms.mjs [watches] [photos]
import { driftReference } from '../dist/cli/watch/drift-reference.js';
import { calibrate, driftTest } from '../dist/evaluation/index.js';
import { NumpyRandom } from '../dist/tensor/numpy-random.js';

const watches = Number(process.argv[2] ?? 1000);
const photos = Number(process.argv[3] ?? 2000);
const stated = [0.05, 0.01, 0.001];

/** Normal scores, `images` of each part in a row, which have the correlation ρ. */
function partScores(random, images, correlation) {
  let ofPart = 0;
  let left = 0;
  return () => {
    if (left === 0) {
      ofPart = Math.sqrt(correlation) * random.normal();
      left = images;
    }
    left--;
    return ofPart + Math.sqrt(1 - correlation) * random.normal();
  };
}

/** The largest evidence of one watch, or what it had when it first reached 1 / the smallest stated rate. */
function largestEvidence(random, { parts, images, correlation, rate = 0.01, stream = 1 }) {
  const draw = partScores(random, images, correlation);
  const scores = Float64Array.from({ length: parts * images }, draw);
  const groups = Array.from(scores, (_, i) => Math.floor(i / images));
  const good = calibrate(scores, rate, groups);
  const calibration = { scores: [...good.scores], groups: [...good.groups], method: { kind: 'split' } };
  const drift = driftTest(driftReference({ calibration }), good.threshold, {
    falseAlarm: Math.min(...stated),
  });
  const arrive = partScores(random, stream, correlation);
  let largest = 1;
  for (let i = 0; i < photos; i++) {
    const { evidence, alarm } = drift.add(arrive());
    largest = Math.max(largest, evidence);
    if (alarm !== undefined) break;
  }
  return largest;
}

const cases = [
  { parts: 18, images: 1, correlation: 0 },
  { parts: 117, images: 1, correlation: 0 },
  { parts: 18, images: 6, correlation: 0.5 },
  { parts: 18, images: 6, correlation: 0.9 },
  { parts: 117, images: 6, correlation: 0.5 },
  { parts: 117, images: 6, correlation: 0.9 },
  { parts: 117, images: 6, correlation: 0.9, rate: 0.1 },
  { parts: 117, images: 6, correlation: 0.5, stream: 6 },
  { parts: 117, images: 6, correlation: 0.9, stream: 6 },
];

const percent = (share) => `${Number((100 * share).toFixed(2))} %`;
const heads = stated.map((rate) => `warned at ${percent(rate)}`);
console.log(`${watches} watches of ${photos} good photos each`);
console.log(
  `| calibration: parts × photos | alike | rate | photos of a part in a row | ${heads.join(' | ')} |`,
);
console.log(`| --- | --- | --- | --- |${' --- |'.repeat(stated.length)}`);
for (const made of cases) {
  const random = new NumpyRandom(1);
  const largest = Array.from({ length: watches }, () => largestEvidence(random, made));
  const warned = stated.map((rate) =>
    percent(largest.filter((evidence) => evidence >= 1 / rate).length / watches),
  );
  const { parts, images, correlation, rate = 0.01, stream = 1 } = made;
  console.log(
    `| ${parts} × ${images} | ${correlation} | ${percent(rate)} | ${stream} | ${warned.join(' | ')} |`,
  );
}
