import type { Command } from 'commander';
import { imageExtensions } from '../../data/layouts/file-tree.js';
import { UsageError } from '../../errors.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { readModelFile } from '../model-file.js';
import type { CommonOptions } from '../output.js';
import { count, positiveNumber, share } from '../parse.js';

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

/** From so many pictures on, that each core has its own outweighs that each takes longer. */
const manyPictures = 8;

async function runPredict(modelPath: string, paths: readonly string[], flags: PredictFlags): Promise<void> {
  checkUsage(paths, flags);
  // The device starts in a thread of its own, and opens the model, while code is loaded that is needed later.
  const device = await openDevice(flags);
  try {
    const model = await readModelFile(modelPath);
    const { watch } = flags;
    const parallel = watch !== undefined || paths.length >= manyPictures;
    const session = parallel ? device.compileParallel(model) : device.compile(model);
    // A file that is no model is told of by who reads what it says of itself, in better words.
    session.catch(() => undefined);
    const { openInspector } = await import('../../inspector/inspector.js');
    const opening = openInspector(model, device, modelPath, { parallel, session });
    if (watch === undefined) {
      const [{ judgePictures }, inspector] = await Promise.all([import('../judge-pictures.js'), opening]);
      await judgePictures(paths, inspector, flags);
    } else {
      const [{ runWatch }, inspector] = await Promise.all([import('../watch/run-watch.js'), opening]);
      await runWatch(inspector, model, { ...flags, watch });
    }
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
