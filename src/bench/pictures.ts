import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evenlySpread, openDataset } from '../data/index.js';
import { UserError } from '../errors.js';

/** Fewer leave nothing to measure once the first have warmed up. */
const fewest = 8;

/**
 * So many pictures of a data set, evenly spread over its sorted paths; all where it has fewer.
 * @throws UserError where there are fewer than eight, or the data set cannot be read
 */
export async function picturesOf(root: string, count: number): Promise<readonly string[]> {
  const { images } = await openDataset(root, { needsTraining: false });
  const wanted = Math.min(count, images.length);
  if (wanted < fewest) {
    const came = images.length < count ? `${images.length} in ${root}` : `--images ${count}`;
    throw new UserError(`data: expected at least ${fewest} pictures to measure with, got ${came}`);
  }
  return evenlySpread(images, wanted).map(({ path }) => path);
}

/** A folder that is gone afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'csflow-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
