import sharp from 'sharp';
import { decodeImage } from './decode.js';
import type { RgbImage } from './types.js';

/** What cameras deliver inside of 16 bits. */
const depths = [8, 10, 12, 14] as const;
/** Samples that may be brighter than a depth holds, such as burnt-in marks. */
const brighterShare = 1e-3;

/**
 * The image in a file as it is to be looked at, of the size and orientation of {@link decodeImage} and for 8-bit sources
 * equal to it. A 16-bit source that uses fewer bits would come out black there: shown are the eight highest of the bits
 * in use, which are 8, 10, 12, 14 or 16, the fewest that hold all but one sample in a thousand; brighter ones are white.
 * Not for the model, which sees every picture in the same way.
 * @param decoded the same image as `decodeImage` gives it, to spare decoding an 8-bit source once more
 * @throws UserError as {@link decodeImage}
 */
export async function displayedImage(path: string, decoded?: RgbImage): Promise<RgbImage> {
  const asSeenByModel = decoded ?? (await decodeImage(path));
  if (!(await hasSixteenBits(path))) return asSeenByModel;
  const { data, info } = await sharp(path, { limitInputPixels: false, ignoreIcc: true })
    .autoOrient()
    .removeAlpha()
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const bits = usedBits(samples);
  if (bits === 16) return asSeenByModel;
  return {
    width: info.width,
    height: info.height,
    data: Uint8Array.from(samples, (value) => Math.min(255, value >> (bits - 8))),
  };
}

/** Of a bitmap, which sharp does not read, the answer is no: it has at most eight bits a colour. */
async function hasSixteenBits(path: string): Promise<boolean> {
  const metadata = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  return metadata?.depth === 'ushort';
}

/** The fewest bits that hold all but one sample in a thousand. */
function usedBits(samples: Uint16Array): number {
  const brighter = depths.map(() => 0);
  for (const value of samples) {
    for (let i = 0; i < depths.length && value >> depths[i] > 0; i++) brighter[i]++;
  }
  return depths.find((_, i) => brighter[i] <= brighterShare * samples.length) ?? 16;
}
