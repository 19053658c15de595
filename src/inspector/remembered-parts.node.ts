import { knownSide, openDataset, partKey, type KnownParts, type OpenDatasetOptions } from '../data/index.js';
import type { Dataset, DatasetImage } from '../data/types.js';
import { pastsOf } from './image-pasts.node.js';
import type { ModelMetadata } from './model-metadata.js';

type Parts = ModelMetadata['data']['parts'];

/** The parts that a model remembers, for `openDataset`; undefined where its data had a split of its own. */
export function knownParts({ data: { parts } }: Pick<ModelMetadata, 'data'>): KnownParts | undefined {
  return parts && { train: new Set(parts.train), test: new Set(parts.test) };
}

/** What a model is to remember of its data: all parts, and those of the model it went on from. */
export function rememberParts(
  { divided, images }: Pick<Dataset, 'divided' | 'images'>,
  earlier: Parts | undefined,
): Parts {
  if (!divided) return earlier;
  const keysOf = (split: DatasetImage['split']) =>
    images
      .filter((image) => image.label === 'good' && image.split === split)
      .map(({ group }) => partKey(group));
  const train = new Set([...keysOf('train'), ...(earlier?.train ?? [])]);
  const test = new Set([...keysOf('test'), ...(earlier?.test ?? [])]);
  return { train: [...train].sort(), test: [...test].filter((key) => !train.has(key)).sort() };
}

/**
 * Opens the data of a training that goes on from a model, so that no picture changes sides: parts are known by their
 * names, and test pictures stay closed. Where names do not tell, since training pictures that the model has used have
 * other names than then, all pictures of unknown names are known by their content before the new ones are divided: which
 * of them are test is csflow's own choice.
 */
export async function openContinuedDataset(
  root: string,
  options: OpenDatasetOptions | undefined,
  metadata: Pick<ModelMetadata, 'data' | 'from'>,
  signal?: AbortSignal,
): Promise<Dataset> {
  const known = knownParts(metadata);
  const dataset = await openDataset(root, { ...options, known });
  if (!dataset.divided) return dataset;
  const unnamed = (split: DatasetImage['split']) =>
    dataset.images.filter(
      (image) =>
        image.label === 'good' && image.split === split && knownSide(image.group, known) === undefined,
    );
  const usedIn = async (split: DatasetImage['split']): Promise<readonly string[]> => {
    const pasts = await pastsOf(unnamed(split), metadata, signal);
    return [...pasts].flatMap(([{ group }, past]) => (past === 'new' ? [] : [partKey(group)]));
  };
  const renamed = await usedIn('train');
  if (renamed.length === 0) return dataset;
  const train = new Set([...(known?.train ?? []), ...renamed, ...(await usedIn('test'))]);
  return openDataset(root, { ...options, known: { train, test: known?.test ?? new Set() } });
}
