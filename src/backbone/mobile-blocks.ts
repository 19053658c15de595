/** One mobile inverted bottleneck block of an EfficientNet (Tan & Le, 2019, table 1). */
export interface MobileBlock {
  readonly kernel: 3 | 5;
  readonly stride: 1 | 2;
  readonly expansion: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

/** repeats, kernel, stride of the first, expansion, output channels */
type Stage = readonly [number, 3 | 5, 1 | 2, number, number];

const stages: readonly Stage[] = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
];

/** The blocks of the unscaled net (B0 and Lite0), from a stem of 32 channels. */
export function baselineBlocks(): readonly MobileBlock[] {
  let inputChannels = 32;
  return stages.flatMap(([repeats, kernel, firstStride, expansion, outputChannels]) =>
    Array.from({ length: repeats }, (_, i): MobileBlock => {
      const stride = i === 0 ? firstStride : 1;
      const block = { kernel, stride, expansion, inputChannels, outputChannels };
      inputChannels = outputChannels;
      return block;
    }),
  );
}
