import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawSampleData } from '#csflow/data/sample-data/index.js';
import { decodeImage } from '#csflow/data/index.js';
import type { RgbImage } from '#csflow/data/types.js';
import { train, type TrainedModel, type TrainOptions } from '#csflow/inspector/train.node.js';
import type { Device } from '#csflow/runtime/session.js';

/** Drawn parts, the same for the same counts. */
export interface DrawnParts {
  readonly folder: string;
  readonly data: string;
  /** The pictures of one class of the test set. */
  pictures(defectClass: string): Promise<readonly RgbImage[]>;
  remove(): Promise<void>;
}

export async function drawParts(trainGood: number, seed = 0): Promise<DrawnParts> {
  const folder = await mkdtemp(join(tmpdir(), 'csflow-model-'));
  const data = join(folder, 'data');
  await drawSampleData(data, { size: 128, seed, trainGood, testGood: 2, defectsPerClass: 1 });
  return {
    folder,
    data,
    async pictures(defectClass) {
      const directory = join(data, 'test', defectClass);
      const names = (await readdir(directory)).sort();
      return Promise.all(names.map((name) => decodeImage(join(directory, name))));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A model of the smallest preset, trained in a few steps, whose factors have left 0. */
export function trainTiny(
  data: string,
  device: Device,
  choices: Partial<TrainOptions> = {},
): Promise<TrainedModel> {
  return train({
    data,
    device,
    seed: 1,
    preset: 'tiny',
    recipe: 'default',
    epochs: 10,
    hidden: 8,
    ...choices,
  });
}
