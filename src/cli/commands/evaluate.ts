import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { openDataset } from '../../data/index.js';
import { evaluateImages, type Evaluation } from '../../inspector/evaluate.node.js';
import { openInspector } from '../../inspector/inspector.js';
import { createWorkerDevice } from '../../runtime/worker-device.node.js';
import { readModelFile } from '../model-file.js';
import { print, printJson, shown, table, type CommonOptions } from '../output.js';
import { count, pattern, seedNumber } from '../parse.js';
import { progressLine } from '../progress.js';
import { summariseSkipped } from '../skipped.js';

interface EvaluateFlags extends CommonOptions {
  readonly split: 'group' | 'random';
  readonly group?: RegExp;
  readonly seed: number;
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
    .option('--seed <n>', 'the seed of a random split', seedNumber, 0)
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  csflow evaluate parts.onnx photos')
    .action(runEvaluate);
}

async function runEvaluate(modelPath: string, data: string, flags: EvaluateFlags): Promise<void> {
  const model = await readModelFile(modelPath);
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = createWorkerDevice({ threads: flags.threads });
  try {
    const inspector = await openInspector(model, device, modelPath);
    const dataset = await openDataset(resolve(data), {
      needsTraining: false,
      split: flags.split,
      seed: flags.seed,
      groupPattern: flags.group,
    });
    const evaluation = await evaluateImages(inspector, dataset.images, { onEvent: progress.listen });
    progress.done();
    report({ ...evaluation, skipped: [...dataset.skipped, ...evaluation.skipped] }, flags.json ?? false);
  } finally {
    progress.done();
    await device.close();
  }
}

export function report({ summary, skipped, leftOut }: Evaluation, json: boolean): void {
  if (json) {
    printJson({
      ...summary,
      skipped: skipped.length,
      skipped_reasons: summariseSkipped(skipped),
      left_out_seen_in_training: leftOut.length,
    });
    return;
  }
  const { good, defective, false_reject_rate, missed } = summary;
  print(`${summary.images} test images: ${good} good, ${defective} defective`);
  const found = `${defective - missed} of ${defective} defective parts found`;
  const rejected =
    false_reject_rate === null
      ? ''
      : `, ${Math.round(false_reject_rate * good)} of ${good} good parts rejected`;
  print(`at the threshold ${shown(summary.threshold)}: ${found}${rejected}\n`);
  print(
    table([
      ['', 'images', 'image AUROC'],
      ['all', String(summary.images), shown(summary.image_auroc)],
      ...Object.entries(summary.per_class).map(([name, { n, image_auroc }]) => [
        name,
        String(n),
        shown(image_auroc),
      ]),
    ]),
  );
  print(`\nimage AP ${shown(summary.image_ap)}, F1-max ${shown(summary.f1_max)}`);
  if (summary.pixel_auroc !== null) {
    print(`pixel AUROC ${shown(summary.pixel_auroc)}, AUPRO(0.3) ${shown(summary.aupro_30)}`);
  }
  if (leftOut.length > 0)
    print(`left out: ${leftOut.length} images that the model was trained or calibrated on`);
  for (const { reason, count: files } of summariseSkipped(skipped)) print(`skipped ${files}: ${reason}`);
}
