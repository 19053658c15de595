import type { DatasetImage } from '../types.js';

/** The usual words, in lower case and without what {@link plainName} takes out. */
export const usualWords = {
  good: 'good ok okay normal nominal io pass passed gut'.split(' '),
  defective:
    'bad ng nok notok nio ko defect defects defective anomaly anomalies anomalous abnormal fail failed faulty reject rejected schlecht'.split(
      ' ',
    ),
  masks: 'mask masks groundtruth gt label labels'.split(' '),
} as const;

const good = new Set(usualWords.good);
const defective = new Set(usualWords.defective);
const masks = new Set(usualWords.masks);
const pictures = new Set('img imgs image images pic pics picture pictures photo photos'.split(' '));

/** What a folder or a label says of its pictures, in the usual words: `ok`, `NG`, `n.i.O.`, `abnormal`. */
export function labelNamed(name: string): DatasetImage['label'] | undefined {
  const plain = plainName(name);
  return good.has(plain) ? 'good' : defective.has(plain) ? 'defective' : undefined;
}

/** Whether a folder holds masks, by its name. */
export function isMaskFolder(name: string): boolean {
  return masks.has(plainName(name));
}

/** Whether a folder's name says no more than that pictures lie in it, so that it names no defect. */
export function saysOnlyPictures(name: string): boolean {
  return pictures.has(plainName(name));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s._-]/g, '');
}
