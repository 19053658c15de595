import { join, resolve } from 'node:path';
import { openDataset, FeatureCache } from '../../data/index.js';
import type { RgbImage } from '../../data/types.js';
import { drawSampleData } from '../../data/sample-data/index.js';
import { evaluateImages, type InspectedImage } from '../../inspector/evaluate.node.js';
import { openInspector, type Inspector } from '../../inspector/inspector.js';
import { train } from '../../inspector/train.node.js';
import { contactSheet, withLegend, writePng } from '../../report/index.js';
import { createWorkerDevice } from '../../runtime/worker-device.node.js';
import { writeWhole } from '../../write-file.node.js';
import { print } from '../output.js';
import { writeEvaluationFolder } from '../evaluation-folder.js';
import { heatmapOf, legendOf } from '../heatmap.js';
import { countingProgress, progressLine } from '../progress.js';
import { printEvaluation } from '../evaluation-report.js';

const folder = 'csflow-demo';
const seed = 1;
/** The time for learning keeps the whole within three minutes on a busy machine too. */
const settings = { preset: 'small', recipe: 'default', minutes: 1.5 } as const;

/** The main job from start to end on drawn parts: learn, set the threshold, evaluate, show. */
export async function runDemonstration(): Promise<void> {
  const directory = resolve(folder);
  const data = join(directory, 'data');
  const modelPath = join(directory, 'model.onnx');
  const overview = join(directory, 'overview.png');
  const progress = progressLine(process.stderr, false);
  progress.say(`drawing good and defective parts into ${data}`);
  await drawSampleData(data, {
    seed,
    trainGood: 160,
    onProgress: countingProgress('drawing', progress.listen),
  });
  const device = createWorkerDevice();
  try {
    const dataset = await openDataset(data);
    progress.say('learning from the good ones');
    const { model } = await train({
      ...settings,
      data,
      seed,
      device,
      cache: new FeatureCache(),
      onEvent: progress.listen,
    });
    await writeWhole(modelPath, model);
    const inspector = await openInspector(model, device, modelPath, { parallel: true });
    progress.say('looking at parts it has not seen');
    const evaluation = await evaluateImages(inspector, dataset.images, { onEvent: progress.listen });
    const record = { dataset, evaluation, inspector, modelPath, model };
    const { html } = await writeEvaluationFolder(join(directory, 'report'), record, {
      onEvent: progress.listen,
    });
    progress.done();
    printEvaluation(evaluation);
    print('');
    const shown = await drawOverview(overview, evaluation.images, inspector);
    const names = shown.map(
      ({ image, verdict }) => `${image.defectClass} (${verdict.defective ? 'rejected' : 'accepted'})`,
    );
    print(`report    ${html}`);
    print(`picture   ${overview}`);
    print(`          from left to right: ${names.join(', ')}; below, where the model sees a defect`);
    print(`model     ${modelPath}`);
    print(`data      ${data}`);
    print(
      '\nYour own photos: npm start -- train FOLDER --out parts.onnx, then npm start -- predict parts.onnx PHOTO',
    );
  } finally {
    progress.done();
    await device.close();
  }
}

/** The most conspicuous image of each class and the calmest good one: the photo, and its heatmap below. */
async function drawOverview(
  path: string,
  images: readonly InspectedImage[],
  inspector: Inspector,
): Promise<readonly InspectedImage[]> {
  const byScore = [...images].sort((a, b) => b.verdict.score - a.verdict.score);
  const classes = [...new Set(byScore.map(({ image }) => image.defectClass))].sort();
  const chosen = classes.map((name) => {
    const ofClass = byScore.filter(({ image }) => image.defectClass === name);
    return name === 'good' ? ofClass.at(-1)! : ofClass[0];
  });
  const photos: RgbImage[] = [];
  const heatmaps: RgbImage[] = [];
  for (const { image } of chosen) {
    const { photo, heatmap } = await heatmapOf(image.path, inspector);
    photos.push(photo);
    heatmaps.push(heatmap);
  }
  await writePng(path, withLegend(contactSheet([photos, heatmaps]), legendOf(inspector.metadata)));
  return chosen;
}
