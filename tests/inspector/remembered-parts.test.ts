import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentDigest, openDataset, partKey } from '#csflow/data/index.js';
import type { Dataset } from '#csflow/data/types.js';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { knownParts, openContinuedDataset, rememberParts } from '#csflow/inspector/remembered-parts.node.js';
import { temporaryFolder } from '../data/temporary-folder.js';

const folder = await temporaryFolder();

/** Files whose content is their first name. */
async function laid(name: string, files: readonly string[]): Promise<string> {
  const root = join(folder, name);
  await mkdir(root, { recursive: true });
  for (const file of files) await writeFile(join(root, file), file);
  return root;
}

const old = Array.from({ length: 40 }, (_, i) => `m${String(i).padStart(2, '0')}.png`);
const fresh = Array.from({ length: 15 }, (_, i) => `${'amz'[i % 3]}${i}-new.png`);

const contents = (names: readonly string[]): string[] => names.map(contentDigest);
const named = ({ images }: Dataset, split: string): string[] =>
  images.filter((image) => image.split === split).map(({ group }) => group);

/** What a model says that has learned from a data set, the last training picture held out. */
function modelOf(dataset: Dataset): Pick<ModelMetadata, 'data' | 'from'> {
  const training = named(dataset, 'train');
  const data = {
    trainingImages: contents(training.slice(0, -1)),
    calibrationImages: contents(training.slice(-1)),
    parts: rememberParts(dataset, undefined),
  };
  return { data: data as ModelMetadata['data'] };
}

const withoutParts = ({ data }: Pick<ModelMetadata, 'data'>): Pick<ModelMetadata, 'data' | 'from'> => ({
  data: { ...data, parts: undefined },
});

describe('openContinuedDataset', () => {
  it('keeps the test pictures of before and does not open them', async () => {
    const root = await laid('grown', old);
    const before = await openDataset(root);
    const model = modelOf(before);
    await laid('grown', fresh);
    // What is no longer as it was cannot be known by its content.
    for (const name of named(before, 'test')) await writeFile(join(root, name), 'something else');
    const after = await openContinuedDataset(root, undefined, model);
    const isOld = (name: string) => old.includes(name);
    expect(named(after, 'test').filter(isOld)).toEqual(named(before, 'test'));
    expect(named(after, 'train').filter(isOld)).toEqual(named(before, 'train'));
    expect(named(after, 'test').filter((name) => !isOld(name))).toHaveLength(3);
    const again = await openDataset(root, { known: knownParts(modelOf(after)) });
    expect(named(again, 'test')).toEqual(named(after, 'test'));
  });

  it.each(['renamed', 'of a model that remembers no names'])(
    'knows pictures %s by their content',
    async (how) => {
      const root = await laid(how, old);
      const before = await openDataset(root);
      const learned = new Set(named(before, 'train'));
      const newName = (name: string) =>
        how === 'renamed' ? `x${(7 * Number(name.slice(1, 3))) % 40}-${name}` : name;
      for (const name of old) await rename(join(root, name), join(root, newName(name)));
      await laid(how, fresh);
      const model = how === 'renamed' ? modelOf(before) : withoutParts(modelOf(before));
      const after = await openContinuedDataset(root, undefined, model);
      const train = new Set(named(after, 'train'));
      for (const name of learned) expect(train.has(newName(name)), name).toBe(true);
      // 8 old test pictures and 15 new ones are all new to the model.
      expect(named(after, 'test')).toHaveLength(4);
      const positions = named(await openDataset(root), 'test').map((name) => name.replace(/^x\d+-/, ''));
      expect(positions.some((name) => learned.has(name))).toBe(true);
    },
  );
});

describe('rememberParts', () => {
  it('adds to what was known, and leaves it where data has a split of its own', () => {
    const images = [
      { group: 'a', label: 'good', split: 'train' },
      { group: 'b', label: 'good', split: 'test' },
      { group: 'c', label: 'defective', split: 'test' },
    ] as unknown as Dataset['images'];
    const earlier = { train: [partKey('old')], test: [partKey('a')] };
    expect(rememberParts({ divided: true, images }, earlier)).toEqual({
      train: [partKey('a'), partKey('old')].sort(),
      test: [partKey('b')],
    });
    expect(rememberParts({ divided: false, images }, earlier)).toBe(earlier);
    expect(rememberParts({ divided: false, images }, undefined)).toBeUndefined();
  });
});
