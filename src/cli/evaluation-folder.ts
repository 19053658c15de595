import { basename, join, relative } from 'node:path';
import { contentDigest } from '../data/index.js';
import type { Dataset } from '../data/types.js';
import type { Evaluation, InspectedImage } from '../inspector/evaluate.node.js';
import type { Inspector } from '../inspector/inspector.js';
import type { ReportInput } from '../report/html/index.js';
import { runtimeVersions } from '../runtime/versions.node.js';
import { version } from '../version.js';
import { checkWritable, writeWhole } from '../write-file.node.js';
import { drawShownCases, type ShownCasesOptions } from './shown-cases.js';

/** An evaluation and what it was made with. */
export interface EvaluationRecord {
  readonly dataset: Pick<Dataset, 'root' | 'layout' | 'division' | 'notes'>;
  readonly evaluation: Evaluation;
  readonly inspector: Inspector;
  readonly modelPath: string;
  readonly model: Uint8Array;
}

const csvCell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function scoresCsv(images: readonly InspectedImage[], root: string): string {
  const rows = images.map(({ image, verdict: { score, pValue, defective } }) =>
    [csvCell(relative(root, image.path)), csvCell(image.defectClass), score, pValue, defective].join(','),
  );
  return ['path,class,score,p_value,rejected', ...rows].join('\n') + '\n';
}

async function reportInput(record: EvaluationRecord, options: ShownCasesOptions): Promise<ReportInput> {
  const { dataset, evaluation, inspector, modelPath, model } = record;
  return {
    created: new Date(),
    version,
    runtime: runtimeVersions(),
    data: dataset,
    evaluation,
    model: {
      file: basename(modelPath),
      bytes: model.length,
      digest: contentDigest(model),
      metadata: inspector.metadata,
    },
    shown: await drawShownCases(evaluation.images, inspector, options),
  };
}

/** The paths that an evaluation is written to: the report for people, and what programs read. */
export type EvaluationFiles = Readonly<Record<'html' | 'summary' | 'scores', string>>;

function filesIn(directory: string): EvaluationFiles {
  return {
    html: join(directory, 'report.html'),
    summary: join(directory, 'summary.json'),
    scores: join(directory, 'scores.csv'),
  };
}

/** Asks before a long evaluation whether its files can be written; throws a `UserError` where not. */
export async function checkEvaluationFolder(directory: string): Promise<void> {
  for (const path of Object.values(filesIn(directory))) await checkWritable(path);
}

/** Writes `report.html`, `summary.json` and `scores.csv` into a folder. */
export async function writeEvaluationFolder(
  directory: string,
  record: EvaluationRecord,
  options: ShownCasesOptions = {},
): Promise<EvaluationFiles> {
  const files = filesIn(directory);
  // The plots' library takes a while to load, which no other command needs.
  const { renderReport } = await import('../report/html/index.js');
  await writeWhole(files.summary, `${JSON.stringify(record.evaluation.summary, null, 2)}\n`);
  await writeWhole(files.scores, scoresCsv(record.evaluation.images, record.dataset.root));
  await writeWhole(files.html, renderReport(await reportInput(record, options)));
  return files;
}
