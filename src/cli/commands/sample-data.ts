import { resolve } from 'node:path';
import type { Command } from 'commander';
import { drawSampleData } from '../../data/sample-data/index.js';
import { print, printJson, type CommonOptions } from '../output.js';
import { countingProgress, progressLine } from '../progress.js';
import { count, seedNumber } from '../parse.js';

interface SampleDataFlags extends CommonOptions {
  readonly seed: number;
  readonly size: number;
  readonly train: number;
  readonly test: number;
  readonly defects: number;
}

export function addSampleData(program: Command): void {
  program
    .command('sample-data')
    .description('draw a small data set of good and defective parts with masks, in the layout of MVTec AD')
    .argument('<dir>', 'a folder that is new, empty or an earlier one of this command')
    .option('--seed <n>', 'what is drawn', seedNumber, 0)
    .option('--size <n>', 'side of the pictures in pixels', count, 256)
    .option('--train <n>', 'good training images', count, 60)
    .option('--test <n>', 'good test images', count, 20)
    .option('--defects <n>', 'test images of each defect', count, 10)
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  csflow sample-data parts && csflow train parts --out parts.onnx')
    .action(runSampleData);
}

async function runSampleData(dir: string, flags: SampleDataFlags): Promise<void> {
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const summary = await drawSampleData(resolve(dir), {
    onProgress: countingProgress('drawing', progress.listen),
    seed: flags.seed,
    size: flags.size,
    trainGood: flags.train,
    testGood: flags.test,
    defectsPerClass: flags.defects,
  });
  if (flags.json) printJson(summary);
  else print(`${resolve(dir)}: drew ${flags.train} good training images and a test set with masks`);
}
