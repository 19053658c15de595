import { UserError } from '../../errors.js';
import { csvField } from './csv.js';

/** One line of a watch's CSV file. */
export interface VerdictRecord {
  /** When it was judged. */
  readonly time: Date;
  /** Below the watched folder, with `/` between folders. */
  readonly path: string;
  readonly bytes: number;
  /** When the image file was last written: milliseconds since 1970. */
  readonly modified: number;
  readonly verdict: 'good' | 'defective' | 'failed';
  /** This and the next two are absent where it failed. */
  readonly score?: number;
  readonly pValue?: number;
  readonly driftEvidence?: number;
  /** What has drifted, from the alarm on. */
  readonly drift?: string;
  /** Why it failed. */
  readonly reason?: string;
  /** The first 16 hex digits of the model file's SHA-256. */
  readonly model: string;
  /** The watched folder: absolute, without links. */
  readonly folder: string;
}

export const verdictColumns = [
  'time',
  'path',
  'bytes',
  'modified',
  'verdict',
  'score',
  'p_value',
  'drift_evidence',
  'drift_alarm',
  'reason',
  'model',
  'folder',
] as const;

/** One line with its end. */
export function encodeRecord(record: VerdictRecord): string {
  const fields = [
    record.time.toISOString(),
    record.path,
    record.bytes,
    new Date(record.modified).toISOString(),
    record.verdict,
    record.score,
    record.pValue,
    record.driftEvidence === undefined ? undefined : Number(record.driftEvidence.toPrecision(4)),
    record.drift,
    record.reason,
    record.model,
    record.folder,
  ];
  return `${fields.map((field) => csvField(String(field ?? ''))).join(',')}\n`;
}

const verdicts = ['good', 'defective', 'failed'] as const;

/** @throws UserError where a line is none that {@link encodeRecord} wrote; `place` names it */
export function decodeRecord(fields: readonly string[], place: string): VerdictRecord {
  const [time, path, bytes, modified, verdict, score, pValue, evidence, drift, reason, model, folder] =
    fields;
  const known = verdicts.find((name) => name === verdict);
  const record = {
    time: new Date(time),
    path,
    bytes: Number(bytes),
    modified: Date.parse(modified),
    verdict: known ?? 'failed',
    ...(known !== 'failed' && {
      score: Number(score || NaN),
      pValue: Number(pValue || NaN),
      driftEvidence: Number(evidence || NaN),
    }),
    ...(drift && { drift }),
    ...(reason && { reason }),
    model,
    folder,
  } satisfies VerdictRecord;
  const numbers = [record.bytes, record.modified, record.score ?? 0];
  if (fields.length !== verdictColumns.length || known === undefined || !numbers.every(Number.isFinite)) {
    throw new UserError(
      `${place}: expected a verdict of csflow predict --watch, got "${fields.join(',').slice(0, 80)}"; ` +
        'mend the line or name another file for --csv',
    );
  }
  return record;
}
