import { Option, type Command } from 'commander';
import { backboneNames, type BackboneName } from '../backbone/index.js';
import { presetNames } from '../csflow/index.js';
import { recipeNames } from '../training/index.js';
import { tileScores, type TileScore } from '../view/index.js';
import { count, imageSize, numberFromZero, positiveNumber, wholeNumber, wholeNumbers } from './parse.js';

/** What is trained, what it looks at and how long: the options of every command that trains. */
export interface ModelFlags {
  readonly preset?: string;
  readonly recipe?: string;
  readonly backbone?: BackboneName;
  readonly backboneWeights?: string;
  readonly size?: readonly [number, number];
  readonly tile?: readonly [number, number];
  readonly overlap?: number;
  readonly tileScore?: TileScore;
  readonly roi?: string;
  readonly layer?: number;
  readonly hidden?: number;
  readonly blocks?: number;
  readonly kernels?: readonly number[];
}

export function addModelOptions(command: Command): Command {
  return command
    .addOption(new Option('--preset <name>', 'how large the model is (default: small)').choices(presetNames))
    .addOption(new Option('--recipe <name>', 'how it is trained (default: default)').choices(recipeNames))
    .addOption(new Option('--backbone <name>', 'the network that gives the features').choices(backboneNames))
    .option(
      '--backbone-weights <file>',
      'its weights: a PyTorch state dict or a safetensors file (default: those that come with csflow)',
    )
    .option(
      '--size <HxW>',
      'size the pictures are resized to; the nearest multiples of 128 are taken',
      imageSize,
    )
    .option('--tile <HxW>', 'look at large pictures in tiles of so many pixels, for small defects', imageSize)
    .option(
      '--overlap <share>',
      'share of a tile that its neighbour covers too (default: 0.25)',
      numberFromZero,
    )
    .addOption(
      new Option('--tile-score <how>', "how the tiles' scores make the picture's (default: maximum)").choices(
        tileScores,
      ),
    )
    .option(
      '--roi <region>',
      'what counts: corners "x,y x,y …" in shares of the sides or pixels, or a mask picture, white inside',
    )
    .option('--layer <n>', 'block of the backbone that gives the features', wholeNumber)
    .option('--hidden <n>', 'hidden channels of the cross-convolutions', count)
    .option('--blocks <n>', 'coupling blocks: kernels 3, the last 5', count)
    .option('--kernels <list>', 'kernel side of each coupling block, such as 3,3,3,5', wholeNumbers);
}

export interface ScheduleFlags {
  readonly epochs?: number;
  readonly batch?: number;
  readonly learningRate?: number;
  readonly clamp?: number;
}

export function addScheduleOptions(command: Command): Command {
  return command
    .option('--epochs <n>', 'passes over the images (default: of the preset, more for few images)', count)
    .option('--batch <n>', 'images a step', count)
    .option('--learning-rate <x>', 'highest learning rate', positiveNumber)
    .option('--clamp <x>', 'bound of the log-scale, 0 for none', numberFromZero);
}
