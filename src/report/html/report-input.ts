import type { Evaluation, InspectedImage } from '../../inspector/evaluate.node.js';
import type { ModelMetadata } from '../../inspector/model-metadata.js';
import type { RuntimeVersions } from '../../runtime/versions.node.js';

/** A picture as it stands in the page. */
export interface EmbeddedPicture {
  /** A `data:` URI. */
  readonly uri: string;
  readonly width: number;
  readonly height: number;
}

/** A picture that is worth looking at, and what the model made of it. */
export interface ShownCase {
  readonly inspected: InspectedImage;
  readonly photo: EmbeddedPicture;
  readonly heatmap: EmbeddedPicture;
  /** Whether the true defect, known from a mask, is outlined in both. */
  readonly outlined: boolean;
}

export interface ReportInput {
  readonly created: Date;
  /** Of the program that writes the report. */
  readonly version: string;
  /** Of what computed the figures. */
  readonly runtime: RuntimeVersions;
  readonly data: {
    /** File names are told from here on. */
    readonly root: string;
    readonly layout: string;
    /** How training and test are divided, in words. */
    readonly division: string;
    /** What the reader should know beside, a sentence each. */
    readonly notes: readonly string[];
  };
  readonly evaluation: Evaluation;
  readonly model: {
    readonly file: string;
    readonly bytes: number;
    /** SHA-256 of the file. */
    readonly digest: string;
    readonly metadata: ModelMetadata;
  };
  /** Good pictures with the highest scores and defective ones with the lowest, in this order. */
  readonly shown: { readonly good: readonly ShownCase[]; readonly defective: readonly ShownCase[] };
}
