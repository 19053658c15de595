import { contentDigest, decodeImageContent, mapConcurrently, readImageContent } from '../data/index.js';
import type { DatasetImage, SkippedFile } from '../data/types.js';
import { messageOf } from '../errors.js';
import { progressOf, type EventListener } from './events.js';
import type { Inspector } from './inspector.js';
import { knownImages } from './known-images.js';

export interface TestScore {
  readonly image: DatasetImage;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly score: number;
}

export interface TestScores {
  readonly scored: readonly TestScore[];
  /** Pictures that could not be read. */
  readonly skipped: readonly SkippedFile[];
  /** Pictures that the model, or one that it goes on from, was trained or calibrated on. */
  readonly leftOut: readonly string[];
}

type Looked =
  | { readonly kind: 'scored'; readonly digest: string; readonly score: number }
  | { readonly kind: 'seen' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Pictures under way beyond those that the model is at. */
const ahead = 4;

/** The scores of the test images that the model has not seen. */
export async function scoreTestImages(
  inspector: Inspector,
  images: readonly DatasetImage[],
  { onEvent, signal }: { readonly onEvent?: EventListener; readonly signal?: AbortSignal } = {},
): Promise<TestScores> {
  const seen = knownImages(inspector.metadata);
  const look = async ({ path }: DatasetImage): Promise<Looked> => {
    const read = await readPicture(path, seen);
    if (read.kind !== 'picture') return read;
    const { score } = await inspector.inspect(read.picture);
    return { kind: 'scored', digest: read.digest, score };
  };
  const test = images.filter(({ split }) => split === 'test');
  const report = progressOf('evaluating', test.length, onEvent);
  const scored: TestScore[] = [];
  const skipped: SkippedFile[] = [];
  const leftOut: string[] = [];
  let next = 0;
  for await (const looked of mapConcurrently(test, inspector.lanes + ahead, look, signal)) {
    const image = test[next++];
    report();
    switch (looked.kind) {
      case 'scored':
        scored.push({ image, digest: looked.digest, score: looked.score });
        break;
      case 'seen':
        leftOut.push(image.path);
        break;
      case 'unreadable':
        skipped.push({ path: image.path, reason: looked.reason });
        onEvent?.({ kind: 'skipped', path: image.path, reason: looked.reason });
        break;
    }
  }
  return { scored, skipped, leftOut };
}

async function readPicture(path: string, seen: ReadonlySet<string>) {
  try {
    const content = await readImageContent(path);
    const digest = contentDigest(content);
    if (seen.has(digest)) return { kind: 'seen' } as const;
    return { kind: 'picture', digest, picture: await decodeImageContent(content, path) } as const;
  } catch (error) {
    return { kind: 'unreadable', reason: messageOf(error) } as const;
  }
}
