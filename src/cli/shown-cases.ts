import { decodeMask, mapConcurrently } from '../data/index.js';
import type { Mask, RgbImage } from '../data/types.js';
import { progressOf, type EventListener } from '../inspector/events.js';
import type { InspectedImage } from '../inspector/evaluate.node.js';
import type { Inspector } from '../inspector/inspector.js';
import { embedPicture } from '../report/index.js';
import type { ReportInput, ShownCase } from '../report/html/report-input.js';
import { heatmapOf } from './heatmap.js';

/** Pictures of each kind in a report. */
const shownOfEach = 6;

export interface ShownCasesOptions {
  readonly onEvent?: EventListener;
  readonly signal?: AbortSignal;
}

/** The good pictures with the highest scores and the defective ones with the lowest: those most wrongly judged. */
export async function drawShownCases(
  images: readonly InspectedImage[],
  inspector: Inspector,
  { onEvent, signal }: ShownCasesOptions = {},
): Promise<ReportInput['shown']> {
  const hardest = (label: 'good' | 'defective', sign: number): readonly InspectedImage[] =>
    images
      .filter(({ image }) => image.label === label)
      .sort((a, b) => sign * (a.verdict.score - b.verdict.score))
      .slice(0, shownOfEach);
  const chosen = { good: hardest('good', -1), defective: hardest('defective', 1) };
  const report = progressOf('drawing', chosen.good.length + chosen.defective.length, onEvent);
  const drawn = async (list: readonly InspectedImage[]): Promise<readonly ShownCase[]> => {
    const cases: ShownCase[] = [];
    const draw = (inspected: InspectedImage): Promise<ShownCase> => drawCase(inspected, inspector);
    for await (const shown of mapConcurrently(list, inspector.lanes, draw, signal)) {
      cases.push(shown);
      report();
    }
    return cases;
  };
  return { good: await drawn(chosen.good), defective: await drawn(chosen.defective) };
}

async function drawCase(inspected: InspectedImage, inspector: Inspector): Promise<ShownCase> {
  const { photo, heatmap } = await heatmapOf(inspected.image.path, inspector);
  const mask = await maskOf(inspected, photo);
  return {
    inspected,
    photo: await embedPicture(photo, mask),
    heatmap: await embedPicture(heatmap, mask),
    outlined: mask !== undefined,
  };
}

/** Undefined without a mask and for one that cannot be read, which the evaluation has told of. */
async function maskOf({ image }: InspectedImage, photo: RgbImage): Promise<Mask | undefined> {
  if (image.label === 'good' || image.maskPath === undefined) return undefined;
  const mask = await decodeMask(image.maskPath, photo, image.maskValues).catch(() => undefined);
  return mask?.data.includes(1) ? mask : undefined;
}
