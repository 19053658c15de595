import type { ModelMetadata } from '../inspector/model-metadata.js';
import { shown } from './output.js';
import { percent } from './threshold-text.js';

type Said = Pick<ModelMetadata, 'calibration' | 'data' | 'from' | 'threshold'>;

/**
 * What a model that goes on from an earlier one has lost or replaced, in plain words: good parts that may be forgotten, a
 * threshold from fewer parts, a choice of threshold that was not a rate.
 * @param askedRate the false-reject rate that the user has named
 */
export function continuedWarnings(now: Said, before: Said, askedRate?: number): readonly string[] {
  const warnings: string[] = [];
  if (now.from?.knownImages === 0) {
    const held = new Set([...before.data.calibrationImages, ...(before.from?.calibrationImages ?? [])]);
    const alone = now.data.calibrationImages.every((digest) => !held.has(digest));
    warnings.push(
      'no photo that the earlier model has learned from is among these: it may forget good parts such as they show' +
        `${alone ? ', and the threshold is known from new photos alone' : ''}; give the whole folder, old photos and new`,
    );
  }
  if (now.data.calibrationGroups < before.data.calibrationGroups) {
    warnings.push(
      `the threshold ${shown(now.threshold.value)} is known from ${partsText(now)}, where that of the earlier model, ` +
        `${shown(before.threshold.value)}, was from ${partsText(before)}; more new photos, or a training anew with ` +
        '--calibrate cross, make it firmer',
    );
  }
  if (askedRate === undefined && before.threshold.origin.kind !== 'calibration') {
    warnings.push(
      `the earlier threshold, ${shown(before.threshold.value)}, was ${originText(before.threshold.origin.kind)}; the new one, ` +
        `${shown(now.threshold.value)}, is for ${percent(now.threshold.falseRejectRate)} of good parts rejected: ` +
        'csflow threshold sets it otherwise',
    );
  }
  return warnings;
}

function partsText({ data, calibration }: Said): string {
  const count = `${data.calibrationGroups} ${data.calibrationGroups === 1 ? 'part' : 'parts'}`;
  return calibration.method.kind === 'cross' ? `${count} (--calibrate cross)` : count;
}

function originText(kind: Exclude<ModelMetadata['threshold']['origin']['kind'], 'calibration'>): string {
  switch (kind) {
    case 'value':
      return 'set by hand';
    case 'cost':
      return 'that of the least cost';
    case 'f1':
      return 'that of the largest F1';
  }
}
