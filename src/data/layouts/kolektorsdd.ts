import { join } from 'node:path';
import { messageOf } from '../../errors.js';
import { decodeMask } from '../decode.js';
import { mapConcurrently } from '../map-concurrently.js';
import { divideAllParts, divideByPart, testParts } from './divide-by-part.js';
import { stemOf } from './file-tree.js';
import { demandNoPattern } from './groups.js';
import type { DatasetLayout, LayoutReading, LeftOut, UndividedImage } from './layout.js';

const PICTURE = /^kos[^/]*\/Part\d+\.jpe?g$/i;
const LABEL = /^kos[^/]*\/Part\d+_label\.(bmp|png)$/i;
const AT_ONCE = 8;

/**
 * KolektorSDD (Tabernik et al., 2019): `kosNN/PartN.jpg` with its mask `PartN_label.bmp`. A folder is one part
 * with eight pictures; a picture is defective where its mask is not empty, so the masks are read. Parts 0, 5, 10,
 * … by name are test with all their pictures; of the others the good pictures are training and the defective
 * ones left out.
 */
export const kolektorsdd: DatasetLayout = {
  name: 'kolektorsdd',
  expects: 'KolektorSDD: kosNN/PartN.jpg with a mask PartN_label.bmp beside',

  recognise: ({ images }) =>
    images.some((file) => PICTURE.test(file)) && images.some((file) => LABEL.test(file)),

  async read({ root, images: files }, rule): Promise<LayoutReading> {
    demandNoPattern(rule, 'KolektorSDD is grouped by its folders already');
    const masks = new Map(
      files.filter((file) => LABEL.test(file)).map((file) => [stemOf(file).replace(/_label$/i, ''), file]),
    );
    const pictures = files.filter((file) => PICTURE.test(file));
    const images: UndividedImage[] = [];
    const leftOut: LeftOut[] = [];
    let next = 0;
    for await (const looked of mapConcurrently(pictures, AT_ONCE, (file) =>
      readMask(root, masks.get(stemOf(file))),
    )) {
      const file = pictures[next++];
      const group = rule.kind === 'random' ? file : partOf(file);
      if (looked.kind === 'problem') {
        leftOut.push({ file, group, reason: looked.reason, mask: looked.mask });
      } else {
        const { mask, defective } = looked;
        const label = defective ? 'defective' : 'good';
        images.push({ file, label, defectClass: defective ? 'defect' : 'good', group, mask });
      }
    }
    const owned = new Set(pictures.map(stemOf));
    for (const [stem, file] of masks) {
      if (!owned.has(stem)) leftOut.push({ file, reason: 'a mask without its picture (a .jpg beside it)' });
    }
    const divided =
      rule.kind === 'random'
        ? divideByPart(images, rule.known)
        : divideAllParts(images, testParts(pictures.map(partOf), rule.known));
    return { ...divided, leftOut: [...leftOut, ...divided.leftOut] };
  },
};

type ReadMask =
  | { readonly kind: 'mask'; readonly mask: string; readonly defective: boolean }
  | { readonly kind: 'problem'; readonly reason: string; readonly mask?: string };

async function readMask(root: string, mask: string | undefined): Promise<ReadMask> {
  if (mask === undefined) {
    return { kind: 'problem', reason: 'its mask (of the same name with _label) is missing' };
  }
  try {
    return { kind: 'mask', mask, defective: (await decodeMask(join(root, mask))).data.includes(1) };
  } catch (error) {
    return { kind: 'problem', mask, reason: `its mask cannot be read: ${messageOf(error)}` };
  }
}

function partOf(file: string): string {
  return file.slice(0, file.indexOf('/'));
}
