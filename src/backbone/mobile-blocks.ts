/** One mobile inverted bottleneck block of an EfficientNet (Tan & Le, 2019, table 1). */
export interface MobileBlock {
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly expansion: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

/** Equal blocks in a row; only the first may have a stride. */
interface Stage {
  readonly repeats: number;
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly expansion: number;
  readonly channels: number;
}

/** The stages of the unscaled net, B0. */
const baseline: readonly Stage[] = [
  { repeats: 1, kernel: 3, stride: 1, expansion: 1, channels: 16 },
  { repeats: 2, kernel: 3, stride: 2, expansion: 6, channels: 24 },
  { repeats: 2, kernel: 5, stride: 2, expansion: 6, channels: 40 },
  { repeats: 3, kernel: 3, stride: 2, expansion: 6, channels: 80 },
  { repeats: 3, kernel: 5, stride: 1, expansion: 6, channels: 112 },
  { repeats: 4, kernel: 5, stride: 2, expansion: 6, channels: 192 },
  { repeats: 1, kernel: 3, stride: 1, expansion: 6, channels: 320 },
];
const baselineStem = 32;

/** How a net is larger than B0 (compound scaling). */
export interface Scaling {
  readonly width: number;
  readonly depth: number;
  /** The Lite nets keep the stem's channels and the repeats of the first and the last stage. */
  readonly keepsEnds: boolean;
}

export interface ScaledBlocks {
  readonly stemChannels: number;
  readonly blocks: readonly MobileBlock[];
  /** Index of the last block before the final stage. */
  readonly lastOfSixthStage: number;
}

/** Channels come in multiples of 8, and rounding down never takes more than a tenth. */
function roundChannels(channels: number, width: number): number {
  const wanted = channels * width;
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return rounded < 0.9 * wanted ? rounded + 8 : rounded;
}

/** The blocks of a net scaled from B0. */
export function scaledBlocks({ width, depth, keepsEnds }: Scaling): ScaledBlocks {
  const stemChannels = keepsEnds ? baselineStem : roundChannels(baselineStem, width);
  const blocks: MobileBlock[] = [];
  let inputChannels = stemChannels;
  let lastOfSixthStage = -1;
  baseline.forEach(({ repeats, kernel, stride, expansion, channels }, stage) => {
    const isEnd = stage === 0 || stage === baseline.length - 1;
    if (stage === baseline.length - 1) lastOfSixthStage = blocks.length - 1;
    const outputChannels = roundChannels(channels, width);
    const count = keepsEnds && isEnd ? repeats : Math.ceil(repeats * depth);
    for (let i = 0; i < count; i++) {
      blocks.push({ kernel, stride: i === 0 ? stride : 1, expansion, inputChannels, outputChannels });
      inputChannels = outputChannels;
    }
  });
  return { stemChannels, blocks, lastOfSixthStage };
}
