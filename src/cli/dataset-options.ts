import { Option, type Command } from 'commander';
import type { OpenDatasetOptions } from '../data/index.js';
import { pattern } from './parse.js';

/** How a data set is opened: the options of every command that reads one. `--seed` is each command's own. */
export interface DatasetFlags {
  readonly split: 'group' | 'random';
  readonly group?: RegExp;
  readonly good?: readonly string[];
  readonly defective?: readonly string[];
  readonly seed: number;
}

/** What the argument of those commands may be, for their help. */
export const datasetArgument =
  'a data set (MVTec AD, BTAD, VisA, MPDD, KolektorSDD, magnetic tiles, good/ and bad/), a manifest (.csv, .jsonl) or a folder of good images';

const append = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addDatasetOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--split <how>', 'how good images are split').choices(['group', 'random']).default('group'),
    )
    .option('--group <regex>', 'names the part in a file name: pictures of a part stay together', pattern)
    .option(
      '--good <glob>',
      'which images are good, by a pattern in quotes on paths below the folder; may be given several times',
      append,
    )
    .option('--defective <glob>', 'which images are defective, likewise', append);
}

export function datasetOptions({ split, group, good, defective, seed }: DatasetFlags): OpenDatasetOptions {
  return { split, seed, groupPattern: group, good, defective };
}
