import type { DriftAlarm } from '../../evaluation/index.js';
import { shown } from '../output.js';

/** How the alarm is called in the CSV file and in JSON. */
export function driftName({ kind }: DriftAlarm): string {
  switch (kind) {
    case 'higher':
      return 'scores higher';
    case 'lower':
      return 'scores lower';
    case 'rejections':
      return 'most rejected';
  }
}

/** Of fewer scores a change takes noticeably longer to show. */
const fewScores = 20;

/** With how many scores new ones are compared, told at the start. */
export function driftStart(reference: number): string {
  const against = `drift check: against ${reference} ${reference === 1 ? 'score' : 'scores'} of good parts`;
  if (reference === 0) {
    return `${against}: later photos are compared with the first ones of this watch, and a change that is there already is not seen`;
  }
  if (reference >= fewScores) return against;
  return `${against}: with fewer than ${fewScores} a change takes longer to show; train with photos of more parts`;
}

const comparedWith = (reference: number): string =>
  reference === 0 ? 'the first ones of this watch' : `the ${reference} that the threshold was set with`;

function whatChanged({ kind }: DriftAlarm, reference: number): string {
  switch (kind) {
    case 'higher':
      return (
        `good photos score higher than ${comparedWith(reference)}: ` +
        'more good parts may be rejected than you asked for'
      );
    case 'lower':
      return `good photos score lower than ${comparedWith(reference)}: defects may be missed`;
    case 'rejections':
      return 'more than half of the photos are rejected: if these parts are good, the verdicts are worthless';
  }
}

/** What an alarm means and what to do. */
export function driftWarning(
  alarm: DriftAlarm,
  evidence: number,
  reference: number,
  falseAlarm: number,
): string {
  return [
    `WARNING   drift at photo ${alarm.image}: ${whatChanged(alarm, reference)}.`,
    `          Evidence ${shown(evidence, 3)} to 1; while nothing changes, one watch in ${shown(1 / falseAlarm, 3)} warns at all.`,
    '          Camera, lens, light or parts have probably changed. Compare the last photos with earlier ones, and',
    '          put lamp, exposure, focus and position right; then start again with a new --csv file. If the change is',
    '          to stay, train again with good photos taken now.',
  ].join('\n');
}
