import type { DatasetImage } from '../types.js';

const GOOD = new Set('good ok okay normal nominal io pass passed gut'.split(' '));
const DEFECTIVE = new Set(
  'bad ng nok notok nio ko defect defects defective anomaly anomalies anomalous abnormal fail failed faulty reject rejected schlecht'.split(
    ' ',
  ),
);
const MASKS = new Set('mask masks groundtruth gt label labels'.split(' '));

/** What a folder or a label says of its pictures, in the usual words: `ok`, `NG`, `n.i.O.`, `abnormal`. */
export function labelNamed(name: string): DatasetImage['label'] | undefined {
  const plain = plainName(name);
  return GOOD.has(plain) ? 'good' : DEFECTIVE.has(plain) ? 'defective' : undefined;
}

/** Whether a folder holds masks, by its name. */
export function isMaskFolder(name: string): boolean {
  return MASKS.has(plainName(name));
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s._-]/g, '');
}
