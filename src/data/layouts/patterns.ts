import picomatch from 'picomatch';
import { UsageError, UserError } from '../../errors.js';
import { divideByPart } from './divide-by-part.js';
import { findMasks, isMaskFile } from './find-masks.js';
import { groupNaming } from './groups.js';
import { saysOnlyPictures } from './label-names.js';
import type { DatasetLayout, LayoutReading, LeftOut, UndividedImage } from './layout.js';

/** What the user says is good and what is defective, as glob patterns on paths below the root. */
export interface ImagePatterns {
  readonly good: readonly string[];
  readonly defective: readonly string[];
}

/**
 * Any layout, by glob patterns (`**`, `*`, `?`, `[a-z]`, `{a,b}`, `!(x)`) on the paths below the root, `/` between
 * folders; upper and lower case are told apart. A defective picture's class is its folder (the one above a folder
 * such as `Imgs`, which says nothing), unless good pictures lie there too: then `defective`. Masks as
 * {@link findMasks} finds them are no pictures.
 * @param windows whether `\` in a pattern is a separator; default: on Windows
 */
export function patternsLayout(
  { good, defective }: ImagePatterns,
  windows = process.platform === 'win32',
): DatasetLayout {
  if (good.length === 0 && defective.length === 0) {
    throw new UsageError('patterns: expected a pattern of good or defective images, got none');
  }
  return {
    name: 'patterns',
    expects: `images by pattern: ${describe('good', good)}${good.length * defective.length > 0 ? ', ' : ''}${describe('defective', defective)}`,
    recognise: () => true,

    read({ root, images: files }, rule): LayoutReading {
      const groupOf = groupNaming(rule);
      const pictures = files.filter((file) => !isMaskFile(file));
      const matching = (patterns: readonly string[], label: string) =>
        new Set(patterns.flatMap((pattern) => matched(pattern, label, files, root, windows)));
      const goodFiles = matching(good, 'good');
      const defectiveFiles = matching(defective, 'defective');
      const both = [...goodFiles].find((file) => defectiveFiles.has(file));
      if (both !== undefined) {
        throw new UserError(
          `patterns: ${both} is both good and defective by them; expected each picture on one side, narrow the patterns`,
        );
      }
      const { maskOf, unowned } = findMasks(files, (file) =>
        defectiveFiles.has(file) ? 'defective' : goodFiles.has(file) ? 'good' : undefined,
      );
      const goodFolders = new Set([...goodFiles].map(sayingFolderOf));
      const classOf = (file: string) => {
        const folder = sayingFolderOf(file);
        return folder === '' || goodFolders.has(folder)
          ? 'defective'
          : folder.slice(folder.lastIndexOf('/') + 1);
      };
      const images: UndividedImage[] = [];
      const leftOut: LeftOut[] = [...unowned];
      for (const file of pictures) {
        const mask = maskOf(file);
        const isGood = goodFiles.has(file);
        if (!isGood && !defectiveFiles.has(file)) {
          leftOut.push({ file, mask, reason: 'no pattern of good or defective images takes it in' });
          continue;
        }
        const label = isGood ? 'good' : 'defective';
        const defectClass = isGood ? 'good' : classOf(file);
        images.push({ file, label, defectClass, group: groupOf(file), ...(mask !== undefined && { mask }) });
      }
      const divided = divideByPart(images, rule.known);
      return { ...divided, leftOut: [...leftOut, ...divided.leftOut] };
    },
  };
}

function matched(
  pattern: string,
  label: string,
  files: readonly string[],
  root: string,
  windows: boolean,
): readonly string[] {
  const isMatch = picomatch(belowRoot(pattern, root, windows));
  const all = files.filter((file) => isMatch(file));
  const found = all.filter((file) => !isMaskFile(file));
  if (found.length === 0 && all.length > 0) {
    throw new UserError(
      `${label}: the pattern ${pattern} takes in masks only, by their names or folders, such as ${all[0]}; expected pictures, rename them or name them in a manifest (.csv, .jsonl)`,
    );
  }
  if (found.length === 0) {
    const [first] = files.filter((file) => !isMaskFile(file));
    const example = first === undefined ? '' : `, whose images are such as ${first}`;
    throw new UserError(
      `${label}: the pattern ${pattern} takes in no image below ${root}${example}; put it in quotes so that the shell leaves it alone, and write paths below that folder`,
    );
  }
  return found;
}

/** The pattern as it stands to paths below the root: with `/`, without `./`, without the root's own path. */
function belowRoot(pattern: string, root: string, windows: boolean): string {
  const unix = (text: string) => (windows ? text.replaceAll('\\', '/') : text);
  const plain = unix(pattern).replace(/^\.\//, '');
  const top = `${unix(root).replace(/\/$/, '')}/`;
  return plain.startsWith(top) ? plain.slice(top.length) : plain;
}

/** The folder of a picture, without the last ones where they say nothing: `MT_Crack` of `MT_Crack/Imgs/1.jpg`. */
function sayingFolderOf(file: string): string {
  const folders = file.split('/').slice(0, -1);
  return folders.slice(0, folders.findLastIndex((name) => !saysOnlyPictures(name)) + 1).join('/');
}

function describe(label: string, patterns: readonly string[]): string {
  return patterns.length === 0 ? '' : `${label} ${patterns.join(' ')}`;
}
