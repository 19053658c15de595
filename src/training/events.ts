/** What a training reports as it goes. */
export type TrainingEvent =
  | {
      readonly kind: 'step';
      /** Steps done, counted from 1, and how many there will be as far as is known. */
      readonly step: number;
      readonly steps: number;
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
      readonly imagesPerSecond: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'checkpoint'; readonly step: number };
