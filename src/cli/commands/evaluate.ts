import { resolve } from 'node:path';
import type { Command } from 'commander';
import { leakageWarnings, openDataset } from '../../data/index.js';
import { evaluateImages, type Evaluation } from '../../inspector/evaluate.node.js';
import { openInspector } from '../../inspector/inspector.js';
import { knownParts } from '../../inspector/remembered-parts.node.js';
import { addDatasetOptions, datasetArgument, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { readModelFile } from '../model-file.js';
import { print, type CommonOptions } from '../output.js';
import { checkEvaluationFolder, writeEvaluationFolder, type EvaluationFiles } from '../evaluation-folder.js';
import { printEvaluation, printEvaluationJson } from '../evaluation-report.js';
import { count, seedNumber } from '../parse.js';
import { countingProgress, progressLine } from '../progress.js';

interface EvaluateFlags extends CommonOptions, DeviceFlags, DatasetFlags {
  readonly report?: string;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'score the test images of a data set and say how well good and defective ones are told apart',
    )
    .argument('<model>', 'a model file')
    .argument('<data>', datasetArgument);
  addDatasetOptions(command)
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
  const json = flags.json ?? false;
  const report = flags.report === undefined ? undefined : resolve(flags.report);
  const model = await readModelFile(modelPath);
  if (report !== undefined) await checkEvaluationFolder(report);
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const device = await openDevice(flags);
  try {
    const inspector = await openInspector(model, device, modelPath, { parallel: true });
    const dataset = await openDataset(resolve(data), {
      ...datasetOptions(flags),
      needsTraining: false,
      known: knownParts(inspector.metadata),
    });
    const inspected = await evaluateImages(inspector, dataset.images, {
      onEvent: progress.listen,
      intervals: { seed: flags.seed },
    });
    const leaks = await leakageWarnings(dataset, {
      onPicture: countingProgress('looking', progress.listen),
    });
    progress.done();
    const evaluation: Evaluation = {
      ...inspected,
      skipped: [...dataset.skipped, ...inspected.skipped],
      warnings: [...leaks, ...inspected.warnings],
    };
    if (!json) printEvaluation(evaluation);
    let files: EvaluationFiles | undefined;
    try {
      if (report !== undefined) {
        const record = { dataset, evaluation, inspector, modelPath, model };
        files = await writeEvaluationFolder(report, record, { onEvent: progress.listen });
      }
    } finally {
      progress.done();
      // Figures that took long are not lost where a report cannot be written.
      if (json) printEvaluationJson(evaluation, report === undefined ? undefined : (files ?? null));
    }
    if (!json && files !== undefined) for (const path of Object.values(files)) print(`wrote ${path}`);
  } finally {
    progress.done();
    await device.close();
  }
}
