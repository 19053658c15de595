import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { decodeImage, displayedImage, gate, mapConcurrently } from '../../data/index.js';
import type { RgbImage } from '../../data/types.js';
import { messageOf, UserError } from '../../errors.js';
import { openInspector, type Verdict } from '../../inspector/inspector.js';
import { findRegions, type Region } from '../../inspector/regions.js';
import { withLegend, writePng } from '../../report/index.js';
import { heatmapOver, legendOf } from '../heatmap.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { readModelFile } from '../model-file.js';
import { print, printJson, shown, type CommonOptions } from '../output.js';
import { count } from '../parse.js';
import { pictureNames } from '../picture-names.js';

interface PredictFlags extends CommonOptions, DeviceFlags {
  readonly heatmaps?: string;
}

export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('say of each image whether it is defective; with --json one JSON line an image')
    .argument('<model>', 'a model file')
    .argument('<images...>', 'image files')
    .option('--heatmaps <dir>', 'write a picture with the anomaly map over each image')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object an image on stdout')
    .addHelpText('after', '\nExample:\n  csflow predict parts.onnx photo.jpg --heatmaps heatmaps')
    .action(runPredict);
}

type Looked =
  | { readonly picture: RgbImage; readonly verdict: Verdict; readonly seconds: number }
  | { readonly problem: string };

/** Pictures under way beyond those that the model is at. */
const ahead = 4;
/** From so many pictures on, that each core has its own outweighs that each takes longer. */
const manyPictures = 8;

async function runPredict(modelPath: string, paths: readonly string[], flags: PredictFlags): Promise<void> {
  const model = await readModelFile(modelPath);
  const device = await openDevice(flags);
  const names = pictureNames(paths);
  let failed = 0;
  try {
    const parallel = paths.length >= manyPictures;
    const inspector = await openInspector(model, device, modelPath, { parallel });
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
    let next = 0;
    for await (const looked of mapConcurrently(paths, inspector.lanes + ahead, look)) {
      const path = paths[next++];
      if ('problem' in looked) {
        failed++;
        if (flags.json) printJson({ path, error: looked.problem });
        else process.stderr.write(`${looked.problem}\n`);
        continue;
      }
      const { picture, verdict, seconds } = looked;
      const heatmap = flags.heatmaps && join(resolve(flags.heatmaps), names.get(path)!);
      const { scale, threshold } = legendOf(inspector.metadata);
      const regions = findRegions(verdict, picture, threshold, scale);
      printVerdict({ path, verdict, regions, seconds, heatmap }, flags.json ?? false);
      if (heatmap) {
        const drawn = heatmapOver(await displayedImage(resolve(path), picture), verdict, inspector);
        await writePng(heatmap, withLegend(drawn, { scale, threshold }));
      }
      if (process.stdout.destroyed) break;
    }
  } finally {
    await device.close();
  }
  if (failed > 0) throw new UserError(`${failed} of ${paths.length} images could not be read`);
}

interface PrintedVerdict {
  readonly path: string;
  readonly verdict: Verdict;
  readonly regions: readonly Region[];
  readonly seconds: number;
  readonly heatmap: string | undefined;
}

function printVerdict({ path, verdict, regions, seconds, heatmap }: PrintedVerdict, json: boolean): void {
  const { score, pValue, defective } = verdict;
  if (json) {
    const found = regions.map(({ pValue, ...place }) => ({ ...place, p_value: pValue }));
    const line = { path, score, p_value: pValue, defective, regions: found, seconds };
    printJson({ ...line, ...(heatmap && { heatmap }) });
  } else {
    const word = defective ? 'DEFECTIVE' : 'good     ';
    print(`${word}  score ${shown(score)}  p ${shown(pValue, 3)}  ${path}${heatmap ? `  → ${heatmap}` : ''}`);
  }
}
