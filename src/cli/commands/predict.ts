import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { decodeImage, gate, imageExtensions, mapConcurrently } from '../../data/index.js';
import type { RgbImage } from '../../data/types.js';
import { messageOf, UsageError, UserError } from '../../errors.js';
import { openInspector, type Inspector, type Verdict } from '../../inspector/inspector.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { readModelFile } from '../model-file.js';
import { printJson, type CommonOptions } from '../output.js';
import { count, positiveNumber, share } from '../parse.js';
import { pictureNames } from '../picture-names.js';
import { verdictTeller } from '../tell-verdict.js';
import { runWatch } from '../watch/run-watch.js';

interface PredictFlags extends CommonOptions, DeviceFlags {
  readonly heatmaps?: string;
  readonly watch?: string;
  readonly csv?: string;
  readonly newOnly?: boolean;
  readonly wait?: number;
  readonly falseAlarm?: number;
}

export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('say of each image whether it is defective; with --json one JSON line an image')
    .argument('<model>', 'a model file')
    .argument('[images...]', 'image files')
    .option('--heatmaps <dir>', 'write a picture with the anomaly map over each image')
    .option('--watch <dir>', 'judge photos as they arrive in a folder or a folder below it, until Ctrl-C')
    .option(
      '--csv <file>',
      'with --watch: append a line for each verdict; started again, it goes on from there',
    )
    .option('--new-only', 'with --watch: leave out the photos that are there at the start')
    .option(
      '--wait <seconds>',
      'with --watch: how long a photo that cannot be read is waited for (default: 10)',
      positiveNumber,
    )
    .option(
      '--false-alarm <share>',
      'with --watch: the chance that drift is ever warned of while nothing changes (default: 0.001)',
      share,
    )
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object an image on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  csflow predict parts.onnx photo.jpg --heatmaps heatmaps' +
        '\n  csflow predict parts.onnx --watch photos --csv verdicts.csv' +
        `\n\nWatched photos are files ending in ${imageExtensions.join(' ')}.`,
    )
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
  checkUsage(paths, flags);
  const model = await readModelFile(modelPath);
  const device = await openDevice(flags);
  try {
    const { watch } = flags;
    const parallel = watch !== undefined || paths.length >= manyPictures;
    const inspector = await openInspector(model, device, modelPath, { parallel });
    if (watch === undefined) await judgeAll(paths, inspector, flags);
    else await runWatch(inspector, model, { ...flags, watch });
  } finally {
    await device.close();
  }
}

function checkUsage(paths: readonly string[], flags: PredictFlags): void {
  if (flags.watch !== undefined) {
    if (paths.length === 0) return;
    throw new UsageError(`images: expected either image files or --watch, got both (${paths[0]})`);
  }
  if (paths.length === 0) throw new UsageError('images: expected image files or --watch DIR, got neither');
  const { csv, newOnly, wait, falseAlarm } = flags;
  for (const [name, value] of Object.entries({ csv, 'new-only': newOnly, wait, 'false-alarm': falseAlarm })) {
    if (value !== undefined)
      throw new UsageError(`${name}: expected together with --watch DIR, got image files`);
  }
}

async function judgeAll(
  paths: readonly string[],
  inspector: Inspector,
  { heatmaps, json = false }: PredictFlags,
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
