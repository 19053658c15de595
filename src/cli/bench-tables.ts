import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { featuresSection } from '../bench/features-section.js';
import { defaultGrowth, growthAround } from '../bench/growth-plan.js';
import { growthSection } from '../bench/growth.js';
import { checkModes, type PeerMode } from '../bench/peer.js';
import { picturesOf } from '../bench/pictures.js';
import { predictModules, predictSection } from '../bench/predict-section.js';
import { checkModules } from '../bench/python.js';
import { rowSection } from '../bench/row-section.js';
import { customRow, rowsOf, type RowSet } from '../bench/rows.js';
import type { BenchTables } from '../bench/run-bench.js';
import { featureModules } from '../bench/torch-features.js';
import { UsageError, UserError } from '../errors.js';
import type { Backend } from '../runtime/session.js';

type Shape = Parameters<typeof customRow>[0];

/** Which tables are wanted. */
export interface TableFlags {
  readonly peer?: string;
  readonly peerModes?: readonly PeerMode[];
  readonly rows: RowSet;
  readonly shape?: Shape;
  readonly data?: string;
  readonly images?: number;
  readonly model?: string;
  /** A shape to vary; true: the default sizes. */
  readonly growth?: Shape | true;
  readonly repeats?: number;
}

const defaultImages = 128;
const defaultRepeats = 3;

/** @throws UsageError where options do not go together */
export function checkTables({ peer, peerModes, rows, shape, data, images, model, growth }: TableFlags): void {
  if (peerModes !== undefined) {
    if (peer === undefined) {
      throw new UsageError('peer-modes: expected together with --peer; add it or leave both out');
    }
    checkModes(peerModes);
  }
  if (peer !== undefined && rows === 'none' && shape === undefined && data === undefined) {
    throw new UsageError('peer: expected rows or --data to compare; leave out --peer or --rows none');
  }
  for (const [name, value] of Object.entries({ model, images })) {
    if (value === undefined || data !== undefined) continue;
    throw new UsageError(
      `${name}: expected together with --data; name a data set whose pictures are measured`,
    );
  }
  if (rows === 'none' && shape === undefined && data === undefined && growth === undefined) {
    throw new UsageError('rows: expected --data or --growth beside --rows none; nothing is left to measure');
  }
}

/**
 * What the flags ask for, not yet measured.
 * @throws UserError where pictures, the model file or the peer's modules are missing; UsageError for a shape out of bounds
 */
export async function benchTables(
  flags: TableFlags,
  { threads, backend }: { readonly threads: number; readonly backend: Backend },
  signal?: AbortSignal,
): Promise<BenchTables> {
  const { peer, peerModes, shape, data, model, growth, repeats = defaultRepeats } = flags;
  const circumstances = { peer, repeats, threads, backend };
  const rows = (shape === undefined ? rowsOf(flags.rows) : [customRow(shape)]).map((row) =>
    rowSection({ ...row, repeats: flags.repeats ?? row.repeats }, { peer, peerModes, threads, backend }),
  );
  const plan = growth === true ? defaultGrowth : growth && growthAround(growth);
  const tables: BenchTables = {
    rows,
    ...(plan && { growth: growthSection(plan, { repeats, threads, backend }) }),
  };
  if (data === undefined) return tables;
  if (peer !== undefined) {
    const modules = model === undefined ? featureModules : [...featureModules, ...predictModules];
    await checkModules(peer, [...new Set(modules)], signal);
  }
  if (model !== undefined) await checkModelFile(model);
  const pictures = await picturesOf(data, flags.images ?? defaultImages);
  return {
    ...tables,
    features: featuresSection({ ...circumstances, pictures, peerModes }),
    ...(model !== undefined && {
      predict: predictSection({ ...circumstances, pictures, model: resolve(model) }),
    }),
  };
}

async function checkModelFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  throw new UserError(`${path}: expected a model file made by csflow train, found no such file`);
}
