import { basename, join, resolve } from 'node:path';
import { openDataset, decodeImage, FeatureCache } from '../../data/index.js';
import { drawSampleData } from '../../data/sample-data/index.js';
import { evaluateImages, type InspectedImage } from '../../inspector/evaluate.node.js';
import { openInspector, type Inspector } from '../../inspector/inspector.js';
import { train } from '../../inspector/train.node.js';
import { renderHeatmap, writePng } from '../../report/index.js';
import { createWorkerDevice } from '../../runtime/worker-device.node.js';
import { writeWhole } from '../../write-file.node.js';
import { print } from '../output.js';
import { progressLine } from '../progress.js';
import { report } from './evaluate.js';

const folder = 'csflow-demo';
const seed = 1;
/** Enough for the drawn parts, and short enough to watch. */
const settings = { preset: 'small', recipe: 'default', size: [256, 256], epochs: 20 } as const;

/** The main job from start to end on drawn parts: learn, set the threshold, evaluate, show. */
export async function runDemonstration(): Promise<void> {
  const directory = resolve(folder);
  const data = join(directory, 'data');
  const modelPath = join(directory, 'model.onnx');
  const progress = progressLine(process.stderr, false);
  progress.say(`drawing good and defective parts into ${data}`);
  await drawSampleData(data, { seed, trainGood: 120 });
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
    const inspector = await openInspector(model, device, modelPath);
    progress.say('looking at parts it has not seen');
    const evaluation = await evaluateImages(inspector, dataset.images, { onEvent: progress.listen });
    progress.done();
    report(evaluation, false);
    print('');
    const shown = await drawHeatmaps(join(directory, 'heatmaps'), evaluation.images, inspector);
    print(`model     ${modelPath}`);
    print(`data      ${data}`);
    print(`heatmaps  ${shown}`);
    print(
      '\nYour own photos: npm start -- train FOLDER --out parts.onnx, then npm start -- predict parts.onnx PHOTO',
    );
  } finally {
    progress.done();
    await device.close();
  }
}

/** The most conspicuous image of each class, and the calmest good one. */
async function drawHeatmaps(
  directory: string,
  images: readonly InspectedImage[],
  inspector: Inspector,
): Promise<string> {
  const byScore = [...images].sort((a, b) => b.verdict.score - a.verdict.score);
  const classes = [...new Set(byScore.map(({ image }) => image.defectClass))];
  for (const name of classes) {
    const ofClass = byScore.filter(({ image }) => image.defectClass === name);
    const chosen = name === 'good' ? ofClass.at(-1)! : ofClass[0]!;
    const picture = await decodeImage(chosen.image.path);
    const { map, mapSize } = await inspector.inspect(picture);
    const scale = inspector.metadata.calibration.mapScale;
    const heatmap = renderHeatmap({
      image: picture,
      map,
      mapHeight: mapSize[0],
      mapWidth: mapSize[1],
      scale,
    });
    await writePng(join(directory, `${name}-${basename(chosen.image.path)}`), heatmap);
  }
  return directory;
}
