import type { Command } from 'commander';
import { readModelMetadata } from '../../inspector/inspector.js';
import { readModelFile } from '../model-file.js';
import { print, printJson, shown, table, type CommonOptions } from '../output.js';

export function addInfo(program: Command): void {
  program
    .command('info')
    .description('what a model file holds')
    .argument('<model>', 'a model file')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  csflow info parts.onnx')
    .action(runInfo);
}

async function runInfo(path: string, flags: CommonOptions): Promise<void> {
  const model = await readModelFile(path);
  const metadata = readModelMetadata(model, path);
  const { configuration, training, data, calibration, threshold, source } = metadata;
  if (flags.json) {
    printJson({ path, bytes: model.length, ...metadata });
    return;
  }
  const { backbone, size, channels, hidden, kernels, clamp, gamma, usedScales, cross } = configuration;
  const enough = threshold.enough
    ? ''
    : ` (too few calibration images to know: ${threshold.neededImages} needed)`;
  print(
    table([
      ['file', `${path}, ${(model.length / 1e6).toFixed(1)} MB`],
      ['backbone', `${backbone.name}, block ${backbone.layer}, ${channels} channels`],
      ['weights', `${source.backbone}; licence ${source.licence}`],
      ['image size', size.join(' × ')],
      [
        'flow',
        `${kernels.length} coupling blocks, kernels ${kernels.join(', ')}, hidden ${hidden}, clamp ${clamp}`,
      ],
      ['', `scales ${usedScales.join(', ')}, cross-connections ${cross}, gamma ${gamma ? 'on' : 'off'}`],
      ['training', `preset ${training.preset}, recipe ${training.recipe}, seed ${training.seed}`],
      [
        '',
        `${training.epochs} epochs, ${training.steps} steps, ${Math.round(training.seconds)} s, last loss ${shown(training.finalLoss)}`,
      ],
      [
        'data',
        `${data.layout}: ${data.trainingImages.length} images learned from, ${data.calibrationImages.length} held out, ${data.skipped} skipped`,
      ],
      [
        'threshold',
        `${shown(threshold.value)} for ${threshold.falseRejectRate * 100} % of good parts rejected${enough}`,
      ],
      ['good scores', `${shown(calibration.scores[0])} to ${shown(calibration.scores.at(-1)!)}`],
    ]),
  );
}
