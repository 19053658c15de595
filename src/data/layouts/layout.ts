import type { DatasetImage, Layout } from '../types.js';
import type { FileTree, UnusedFile } from './file-tree.js';
import type { KnownParts } from './known-parts.js';

/** An image as a layout finds it; names are relative to the root of the data set, as in its {@link FileTree}. */
export interface FoundImage {
  readonly file: string;
  readonly label: DatasetImage['label'];
  readonly defectClass: string;
  readonly split: DatasetImage['split'];
  readonly group: string;
  readonly mask?: string;
  readonly maskValues?: DatasetImage['maskValues'];
}

/** An image whose split is still to be decided. */
export type UndividedImage = Omit<FoundImage, 'split'>;

/** A file that a layout does not use for a reason of its own, with its mask. */
export interface LeftOut extends UnusedFile {
  readonly mask?: string;
}

export interface LayoutReading {
  readonly images: readonly FoundImage[];
  readonly leftOut: readonly LeftOut[];
  /** How training and test are divided, in words; a random split has words of its own. */
  readonly division: string;
  /** Whether parts were divided by their names, since the data has no split of its own; default false. */
  readonly divided?: boolean;
  /** Files that were read and are no pictures: a table of the split. */
  readonly tables?: readonly string[];
  /** What the user should know beside. */
  readonly notes?: readonly string[];
}

/** How the good images are divided; see `openDataset`. Known parts keep their side where the data has no split of its own. */
export type SplitRule = { readonly known?: KnownParts } & (
  | { readonly kind: 'group'; readonly groupPattern?: RegExp }
  | { readonly kind: 'random'; readonly seed: number }
);

/**
 * One way a data set lies in its folder. A layout has a file of its own and a line in `open-dataset.ts`. Files
 * that `read` returns neither as image, mask nor left out are reported as skipped by the caller.
 */
export interface DatasetLayout {
  readonly name: Layout;
  /** What the folder must hold, for messages. */
  readonly expects: string;
  /** Why an image is not used that the layout says nothing of; default: its place is not known. */
  readonly unusedReason?: string;
  recognise(tree: FileTree): boolean;
  /** Images of a group never stand on both sides of the split, unless the rule is `random`. */
  read(tree: FileTree, rule: SplitRule): LayoutReading | Promise<LayoutReading>;
}
