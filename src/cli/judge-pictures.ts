import { join, resolve } from 'node:path';
import { decodeImage, gate, mapConcurrently } from '../data/index.js';
import type { RgbImage } from '../data/types.js';
import { messageOf, UserError } from '../errors.js';
import type { Inspector, Verdict } from '../inspector/inspector.js';
import { printJson } from './output.js';
import { pictureNames } from './picture-names.js';
import { verdictTeller } from './tell-verdict.js';

export interface JudgeFlags {
  /** A folder for pictures with the anomaly map over each image. */
  readonly heatmaps?: string;
  readonly json?: boolean;
}

type Looked =
  | { readonly picture: RgbImage; readonly verdict: Verdict; readonly seconds: number }
  | { readonly problem: string };

/** Pictures under way beyond those that the model is at. */
const ahead = 4;

/** Tells a verdict of each picture in turn; at the end, how many could not be read. */
export async function judgePictures(
  paths: readonly string[],
  inspector: Inspector,
  { heatmaps, json = false }: JudgeFlags,
): Promise<void> {
  const names = pictureNames(paths);
  const tell = verdictTeller(inspector, json);
  const turn = gate(inspector.lanes);
  const look = async (path: string): Promise<Looked> => {
    const picture = await decodeImage(resolve(path)).catch(messageOf);
    if (typeof picture === 'string') return { problem: picture };
    return turn(async () => {
      const start = performance.now();
      const verdict = await inspector.inspect(picture);
      return { picture, verdict, seconds: (performance.now() - start) / 1000 };
    });
  };
  let failed = 0;
  let next = 0;
  for await (const looked of mapConcurrently(paths, inspector.lanes + ahead, look)) {
    const path = paths[next++];
    if ('problem' in looked) {
      failed++;
      if (json) printJson({ path, error: looked.problem });
      else process.stderr.write(`${looked.problem}\n`);
      continue;
    }
    const heatmap = heatmaps && join(resolve(heatmaps), names.get(path)!);
    await tell({ ...looked, path, heatmap });
    if (process.stdout.destroyed) break;
  }
  if (failed > 0) throw new UserError(`${failed} of ${paths.length} images could not be read`);
}
