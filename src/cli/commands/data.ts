import { resolve } from 'node:path';
import type { Command } from 'commander';
import { inspectDataset, openDataset } from '../../data/index.js';
import { dataJson, dataText } from '../data-report.js';
import { addDatasetOptions, datasetArgument, datasetOptions, type DatasetFlags } from '../dataset-options.js';
import { print, printJson, type CommonOptions } from '../output.js';
import { seedNumber } from '../parse.js';
import { countingProgress, progressLine } from '../progress.js';

interface DataFlags extends CommonOptions, DatasetFlags {}

export function addData(program: Command): void {
  const command = program
    .command('data')
    .description(
      'say what a data set holds before anyone trains: layout, counts, sizes, masks, parts, and pictures that lie in training and test',
    )
    .argument('<data>', datasetArgument);
  addDatasetOptions(command)
    .option('--seed <n>', 'the seed of a random split', seedNumber, 0)
    .option('--json', 'one JSON object on stdout, with every file it is about')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExample:\n  csflow data photos\n  csflow data photos --good "ok/**/*.jpg" --defective "ng/**/*.jpg" --group "part(\\d+)"',
    )
    .action(runData);
}

async function runData(data: string, flags: DataFlags): Promise<void> {
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  try {
    const dataset = await openDataset(resolve(data), { ...datasetOptions(flags), needsTraining: false });
    const inspection = await inspectDataset(dataset, {
      onPicture: countingProgress('looking', progress.listen),
    });
    progress.done();
    if (flags.json) printJson(dataJson(dataset, inspection));
    else print(dataText(dataset, inspection));
  } finally {
    progress.done();
  }
}
