import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { openDataset } from '../../data/index.js';
import { evaluateImages } from '../../inspector/evaluate.node.js';
import { openInspector } from '../../inspector/inspector.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { readModelFile } from '../model-file.js';
import { print, type CommonOptions } from '../output.js';
import { writeEvaluationFolder } from '../evaluation-folder.js';
import { printEvaluation } from '../evaluation-report.js';
import { count, pattern, seedNumber } from '../parse.js';
import { progressLine } from '../progress.js';

interface EvaluateFlags extends CommonOptions, DeviceFlags {
  readonly split: 'group' | 'random';
  readonly group?: RegExp;
  readonly seed: number;
  readonly report?: string;
}

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description(
      'score the test images of a data set and say how well good and defective ones are told apart',
    )
    .argument('<model>', 'a model file')
    .argument('<data>', 'the data set')
    .addOption(
      new Option('--split <how>', 'how good images are split').choices(['group', 'random']).default('group'),
    )
    .option('--group <regex>', 'names the part in a file name', pattern)
    .option('--seed <n>', 'the seed of a random split and of the confidence intervals', seedNumber, 0)
    .option('--report <dir>', 'write report.html for people, summary.json and scores.csv into a folder')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  csflow evaluate parts.onnx photos')
    .action(runEvaluate);
}

async function runEvaluate(modelPath: string, data: string, flags: EvaluateFlags): Promise<void> {
  const model = await readModelFile(modelPath);
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  try {
    const inspector = await openInspector(model, device, modelPath, { parallel: true });
    const dataset = await openDataset(resolve(data), {
      needsTraining: false,
      split: flags.split,
      seed: flags.seed,
      groupPattern: flags.group,
    });
    const inspected = await evaluateImages(inspector, dataset.images, {
      onEvent: progress.listen,
      intervals: { seed: flags.seed },
    });
    const evaluation = { ...inspected, skipped: [...dataset.skipped, ...inspected.skipped] };
    progress.done();
    const written = flags.report
      ? await writeEvaluationFolder(
          resolve(flags.report),
          { dataset, evaluation, inspector, modelPath, model, ...settingsOf(flags) },
          { onEvent: progress.listen },
        )
      : [];
    printEvaluation(evaluation, flags.json ?? false);
    if (!flags.json) for (const path of written) print(`wrote ${path}`);
  } finally {
    progress.done();
    await device.close();
  }
}

/** How the test pictures were chosen, for the report. */
function settingsOf({ split, seed, group }: EvaluateFlags) {
  const chosen =
    split === 'random'
      ? `drawn at random with seed ${seed}`
      : group === undefined
        ? 'by part, where the layout tells parts'
        : `by part, named by ${String(group)}`;
  const warnings =
    split === 'random'
      ? [
          'The test pictures were drawn at random: pictures of one part may be among those learned from too, which flatters every figure.',
        ]
      : [];
  return { settings: [{ name: 'split', value: chosen }], warnings };
}
