import { resolve } from 'node:path';
import { displayedImage } from '../data/index.js';
import type { RgbImage } from '../data/types.js';
import type { Inspector, Verdict } from '../inspector/inspector.js';
import { findRegions } from '../inspector/regions.js';
import { withLegend, writePng } from '../report/index.js';
import { heatmapOver, legendOf } from './heatmap.js';
import { print, printJson, shown } from './output.js';

export interface Judged {
  /** As the user is to read it. */
  readonly path: string;
  readonly picture: RgbImage;
  readonly verdict: Verdict;
  readonly seconds: number;
  /** Where the heatmap goes; left out: none is drawn. */
  readonly heatmap?: string;
}

/** Draws the heatmap of a judged image, if wanted, and prints its verdict; `more` stands in JSON only. */
export type TellVerdict = (judged: Judged, more?: Readonly<Record<string, unknown>>) => Promise<void>;

/** @param onUndrawn told where a heatmap cannot be written, and the verdict stands alone; left out: that is thrown */
export function verdictTeller(
  inspector: Inspector,
  json: boolean,
  onUndrawn?: (error: unknown) => void,
): TellVerdict {
  const { scale, threshold } = legendOf(inspector.metadata);
  const draw = async ({ path, picture, verdict }: Judged, heatmap: string): Promise<void> => {
    // A watched file may be gone by now: then it is shown as the model saw it.
    const shownPicture = await displayedImage(resolve(path), picture).catch(() => picture);
    const drawn = heatmapOver(shownPicture, verdict, inspector);
    await writePng(heatmap, withLegend(drawn, { scale, threshold }));
  };
  const drawIfWanted = async (judged: Judged): Promise<string | undefined> => {
    if (judged.heatmap === undefined) return undefined;
    try {
      await draw(judged, judged.heatmap);
      return judged.heatmap;
    } catch (error) {
      if (onUndrawn === undefined) throw error;
      onUndrawn(error);
      return undefined;
    }
  };
  return async (judged, more) => {
    const { path, picture, verdict, seconds } = judged;
    const heatmap = await drawIfWanted(judged);
    const { score, pValue, defective } = verdict;
    if (json) {
      const regions = findRegions(verdict, picture, threshold, scale).map(
        ({ pValue, extrapolated, ...place }) => ({
          ...place,
          p_value: pValue,
          ...(extrapolated && { p_value_extrapolated: true }),
        }),
      );
      const line = { path, score, p_value: pValue, defective, regions, seconds };
      printJson({ ...line, ...(heatmap && { heatmap }), ...more });
      return;
    }
    const word = defective ? 'DEFECTIVE' : 'good     ';
    print(`${word}  score ${shown(score)}  p ${shown(pValue, 3)}  ${path}${heatmap ? `  → ${heatmap}` : ''}`);
  };
}
