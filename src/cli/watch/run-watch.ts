import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { contentDigest } from '../../data/index.js';
import { messageOf, UsageError } from '../../errors.js';
import { driftTest, type DriftReading } from '../../evaluation/index.js';
import { inspectArrivals, type Arrived } from '../../inspector/inspect-arrivals.node.js';
import type { Inspector } from '../../inspector/inspector.js';
import { interruptSignal } from '../interrupt.js';
import { printJson } from '../output.js';
import { verdictTeller } from '../tell-verdict.js';
import { driftReference } from './drift-reference.js';
import { driftName, driftStart, driftWarning } from './drift-report.js';
import { realPath } from './real-path.js';
import { openVerdictLog, photoKey } from './verdict-log.js';

export interface WatchFlags {
  readonly watch: string;
  readonly csv?: string;
  readonly newOnly?: boolean;
  /** Seconds that an unreadable image is waited for. */
  readonly wait?: number;
  readonly falseAlarm?: number;
  readonly heatmaps?: string;
  readonly json?: boolean;
}

const defaultFalseAlarm = 0.001;

/** Judges photos as they arrive until Ctrl-C. */
export async function runWatch(inspector: Inspector, model: Uint8Array, flags: WatchFlags): Promise<void> {
  const { falseAlarm = defaultFalseAlarm } = flags;
  const directory = resolve(flags.watch);
  const heatmaps = flags.heatmaps === undefined ? undefined : resolve(flags.heatmaps);
  const folder = await realPath(directory);
  if (heatmaps !== undefined && isInside(await realPath(heatmaps), folder)) {
    throw new UsageError(
      `heatmaps: expected a folder outside the watched one (${flags.watch}), whose pictures are all judged, got ${flags.heatmaps}; name another folder`,
    );
  }
  const { threshold } = inspector.metadata;
  const drift = driftTest(driftReference(inspector.metadata), threshold.value, { falseAlarm });
  const modelDigest = contentDigest(model).slice(0, 16);
  const source = { model: modelDigest, folder };
  const log = flags.csv === undefined ? undefined : await openVerdictLog(resolve(flags.csv), source);
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const tell = verdictTeller(inspector, flags.json ?? false, (error) => say(messageOf(error)));
  const nameOf = (path: string): string => relative(directory, path).split(sep).join('/');

  let warned = false;
  const warnOnce = ({ alarm, evidence }: DriftReading): string | undefined => {
    if (alarm === undefined || warned) return undefined;
    warned = true;
    const warning = driftWarning(alarm, evidence, drift.reference, falseAlarm);
    say(warning);
    return warning;
  };
  const judged = new Set<string>();
  if (log?.mended) say(`${flags.csv}: its last line was cut off and is removed; that photo is judged again`);
  let reading: DriftReading = { evidence: 1 };
  for (const record of log?.earlier ?? []) {
    judged.add(photoKey(record));
    if (record.score !== undefined) reading = drift.add(record.score);
  }
  warnOnce(reading);

  const counts = { good: 0, defective: 0, failed: 0 };
  const interrupt = interruptSignal(() => say('stopping …'));
  const ended = new AbortController();
  const end = (): void => ended.abort();
  interrupt.signal.addEventListener('abort', end);
  process.stdout.once('error', end);

  const onArrived = async (arrived: Arrived): Promise<void> => {
    const { path, bytes, modified } = arrived.file;
    const name = nameOf(path);
    const record = { time: new Date(), path: name, bytes, modified, ...source };
    if (arrived.kind === 'failed') {
      counts.failed++;
      if (flags.json) printJson({ path: join(flags.watch, name), error: arrived.reason });
      else say(arrived.reason);
      await log?.append({ ...record, verdict: 'failed', reason: arrived.reason });
      return;
    }
    const { verdict, picture, seconds } = arrived;
    counts[verdict.defective ? 'defective' : 'good']++;
    reading = drift.add(verdict.score);
    const driftAlarm = reading.alarm && driftName(reading.alarm);
    const warning = warnOnce(reading);
    await tell(
      {
        path: join(flags.watch, name),
        picture,
        verdict,
        seconds,
        heatmap: heatmaps === undefined ? undefined : join(heatmaps, `${name}.png`),
      },
      {
        drift_evidence: Number(reading.evidence.toPrecision(4)),
        drift_alarm: driftAlarm ?? null,
        ...(warning && { warning }),
      },
    );
    await log?.append({
      ...record,
      verdict: verdict.defective ? 'defective' : 'good',
      score: verdict.score,
      pValue: verdict.pValue,
      driftEvidence: reading.evidence,
      drift: driftAlarm,
    });
  };
  const summary = (): string => {
    const total = counts.good + counts.defective;
    const failed = counts.failed > 0 ? `; ${photos(counts.failed)} could not be judged` : '';
    const alarm =
      reading.alarm === undefined
        ? ''
        : `; drift (${driftName(reading.alarm)}) since photo ${reading.alarm.image}`;
    return `${photos(total)} judged: ${counts.good} good, ${counts.defective} defective${failed}${alarm}`;
  };

  try {
    const unfinished = await inspectArrivals(inspector, directory, {
      onArrived,
      onNotice: say,
      onReady(waiting) {
        const earlier = judged.size > 0 ? `, ${photos(judged.size)} judged earlier` : '';
        const there = flags.newOnly ? 'new photos only' : `${photos(waiting)} there now`;
        say(driftStart(drift.reference));
        say(`watching ${flags.watch}: ${there}${earlier}; Ctrl-C ends`);
      },
      isKnown: (file) => judged.has(photoKey({ ...file, path: nameOf(file.path) })),
      newOnly: flags.newOnly,
      patienceMilliseconds: flags.wait === undefined ? undefined : flags.wait * 1000,
      signal: ended.signal,
    });
    say(`ended: ${summary()}${unfinished > 0 ? `; ${unfinished} that arrived are not judged yet` : ''}`);
  } catch (error) {
    say(`ended by an error: ${summary()}`);
    throw error;
  } finally {
    interrupt.dispose();
    process.stdout.off('error', end);
    await log?.close();
  }
}

/** Whether a path is a folder's or leads below it; both without links. */
function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(sep)[0] !== '..';
}

const photos = (count: number): string => `${count} ${count === 1 ? 'photo' : 'photos'}`;
