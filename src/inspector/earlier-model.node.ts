import { readFile } from 'node:fs/promises';
import { loadBackboneWeights, type BackboneWeights } from '../backbone/weights.node.js';
import { contentDigest } from '../data/index.js';
import { messageOf, UsageError, UserError } from '../errors.js';
import { readModel, type ReadModel } from './read-flow.js';

/** A model file that a training goes on from. */
export interface EarlierModel extends ReadModel {
  readonly path: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
}

/** @throws UserError where the file cannot be read or is no model of csflow */
export async function readEarlierModel(path: string): Promise<EarlierModel> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UserError(
      `from: expected a model file made by csflow train, got ${path} (${messageOf(error)})`,
    );
  });
  return { ...readModel(bytes, path), path, digest: contentDigest(bytes) };
}

/**
 * The backbone's weights as the earlier model has them; no other file is needed.
 * @param file that the user names nevertheless
 * @throws UsageError where it is another one than the model's weights came from
 */
export async function earlierBackbone(
  { backbone, metadata, path, digest: modelDigest }: EarlierModel,
  file: string | undefined,
): Promise<BackboneWeights> {
  const { source, configuration } = metadata;
  const digest = source.weightsDigest ?? modelDigest;
  if (file !== undefined) {
    const { name, layer } = configuration.backbone;
    const named = await loadBackboneWeights(name, { file, layer });
    if (named.digest !== digest) {
      throw new UsageError(
        `backbone-weights: expected the file that the weights in ${path} came from (${source.backbone}), got ${file}, ` +
          'which is another one; leave it out, or train anew without --from',
      );
    }
  }
  return { weights: backbone, digest, source: source.backbone, licence: source.licence };
}
