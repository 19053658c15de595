import { join, relative } from 'node:path';
import type { RgbImage } from '../data/types.js';
import type { Evaluation, InspectedImage } from '../inspector/evaluate.node.js';
import type { Inspector } from '../inspector/inspector.js';
import { contactSheet, withLegend, writePng } from '../report/index.js';
import { writeWhole } from '../write-file.node.js';
import { heatmapOf, legendOf } from './heatmap.js';

/** Pictures of each kind in the overview. */
const shownOfEach = 6;

const csvCell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function scoresCsv(images: readonly InspectedImage[], root: string): string {
  const rows = images.map(({ image, verdict: { score, pValue, defective } }) =>
    [csvCell(relative(root, image.path)), csvCell(image.defectClass), score, pValue, defective].join(','),
  );
  return ['path,class,score,p_value,rejected', ...rows].join('\n') + '\n';
}

/** Heatmaps of good images in the first row, of defective ones in the second; those most wrongly judged first. */
async function drawHardest(
  path: string,
  images: readonly InspectedImage[],
  inspector: Inspector,
): Promise<void> {
  const good = images
    .filter(({ image }) => image.label === 'good')
    .sort((a, b) => b.verdict.score - a.verdict.score);
  const defective = images
    .filter(({ image }) => image.label === 'defective')
    .sort((a, b) => a.verdict.score - b.verdict.score);
  const rows: RgbImage[][] = [];
  for (const list of [good, defective].filter(({ length }) => length > 0)) {
    const row: RgbImage[] = [];
    for (const { image } of list.slice(0, shownOfEach))
      row.push((await heatmapOf(image.path, inspector)).heatmap);
    rows.push(row);
  }
  await writePng(path, withLegend(contactSheet(rows), legendOf(inspector.metadata)));
}

/** Writes `summary.json`, `scores.csv` and `hardest.png` into a folder; gives their paths. */
export async function writeEvaluationFolder(
  directory: string,
  root: string,
  evaluation: Evaluation,
  inspector: Inspector,
): Promise<readonly string[]> {
  const [summary, scores, hardest] = ['summary.json', 'scores.csv', 'hardest.png'].map((name) =>
    join(directory, name),
  );
  await writeWhole(summary, `${JSON.stringify(evaluation.summary, null, 2)}\n`);
  await writeWhole(scores, scoresCsv(evaluation.images, root));
  await drawHardest(hardest, evaluation.images, inspector);
  return [summary, scores, hardest];
}
