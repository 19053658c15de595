import { extname } from 'node:path';
import { imageExtensions } from '../layouts/file-tree.js';

/** Of files still being written, and of what stands beside photos: nobody expects a verdict on them. */
const noPhotos = new Set(
  (
    '.part .partial .filepart .tmp .temp .crdownload .download ' +
    '.txt .csv .tsv .json .jsonl .xml .xmp .yaml .yml .md .log .ini .db .lock .onnx'
  ).split(' '),
);

/**
 * The extension, in small letters, of a file that is no image by its name and may be a photo; undefined where it is
 * surely none.
 */
export function kindOfOther(path: string): string | undefined {
  const extension = extname(path).toLowerCase();
  return noPhotos.has(extension) ? undefined : extension;
}

/** That such files, of which `path` is the first, are left out, and what to do. */
export function otherFileNotice(path: string, extension: string): string {
  const files = extension === '' ? 'files without an extension' : `files ending in ${extension}`;
  return (
    `${path}: ${files} are not judged; expected ${imageExtensions.join(' ')}, ` +
    'save photos in one of these formats'
  );
}
