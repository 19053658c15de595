import { join } from 'node:path';
import sharp from 'sharp';
import { writeWhole } from '../../write-file.node.js';
import {
  DEFECT_CLASSES,
  drawPicture,
  planPictures,
  type DefectClass,
  type PlannedPicture,
} from './pictures.js';
import { claimFolder, writeMarker } from './sample-folder.js';
import { completeSettings, type SampleDataSettings } from './settings.js';

export interface SampleDataOptions extends Partial<SampleDataSettings> {
  /** Called after each picture. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SampleDataSummary extends SampleDataSettings {
  readonly root: string;
  /** Pictures in all, masks not counted. */
  readonly images: number;
  /** Test pictures by defect. */
  readonly defects: Readonly<Record<DefectClass, number>>;
}

/**
 * Draws a small data set in the layout of MVTec AD: turned steel flanges, good ones and such with a scratch, a
 * stain or something missing (a bolt hole, a piece of the rim), with exact masks. The lamp, the exposure, the
 * place and the turn of the part and its surface differ from picture to picture.
 * @param directory new, empty or an earlier set, which is replaced
 * @throws UserError for any other folder and for settings out of their limits
 */
export async function drawSampleData(
  directory: string,
  { onProgress, ...given }: SampleDataOptions = {},
): Promise<SampleDataSummary> {
  const settings = completeSettings(given);
  await claimFolder(directory);
  await writeMarker(directory, settings, false);
  const pictures = planPictures(settings);
  let done = 0;
  for (const picture of pictures) {
    await writePicture(directory, picture, settings.size);
    onProgress?.(++done, pictures.length);
  }
  await writeMarker(directory, settings, true);
  const perClass = DEFECT_CLASSES.map((name) => [name, settings.defectsPerClass] as const);
  return {
    root: directory,
    images: pictures.length,
    ...settings,
    defects: Object.fromEntries(perClass) as Record<DefectClass, number>,
  };
}

async function writePicture(directory: string, picture: PlannedPicture, size: number): Promise<void> {
  const { image, mask } = drawPicture(picture, size);
  await writeWhole(join(directory, picture.path), await encodePng(image.data, size, 3));
  if (picture.maskPath === undefined) return;
  const visible = mask.data.map((value) => 255 * value);
  await writeWhole(join(directory, picture.maskPath), await encodePng(visible, size, 1));
}

function encodePng(data: Uint8Array, size: number, channels: 1 | 3): Promise<Buffer> {
  const pixels = sharp(data, { raw: { width: size, height: size, channels } });
  return (channels === 1 ? pixels.toColourspace('b-w') : pixels).png().toBuffer();
}
