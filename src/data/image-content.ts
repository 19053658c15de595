import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../errors.js';

/** Images with more pixels are refused: 400 megapixels. */
export const MAX_PIXELS = 400_000_000;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  ENOTDIR: 'there is no such file; check the path',
  EISDIR: 'this is a folder; name an image file in it',
  EACCES: 'the file may not be read; check its permissions',
  EPERM: 'the file may not be read; check its permissions',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than 2 GiB, which no supported image needs',
};

/**
 * The bytes of an image file.
 * @throws UserError naming the file: missing, a folder, unreadable, empty
 */
export async function readImageContent(path: string): Promise<Buffer> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new UserError(`${path}: ${reasons[code] ?? `the file could not be read (${messageOf(error)})`}`);
  }
  if (content.length === 0) {
    throw new UserError(`${path}: the file is empty (0 bytes); expected an image, copy the file again`);
  }
  return content;
}

/** @throws UserError where `width · height` is past {@link MAX_PIXELS} */
export function checkPixelCount(name: string, width: number, height: number): void {
  if (width * height <= MAX_PIXELS) return;
  const megapixels = Math.ceil((width * height) / 1e6);
  throw new UserError(
    `${name}: ${width} × ${height} is ${megapixels} megapixels; expected at most ${MAX_PIXELS / 1e6}, make the image smaller`,
  );
}
