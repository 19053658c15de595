import type { Device } from '../runtime/session.js';
import { pictureScore } from '../view/index.js';
import type { ImageFeatures } from './extract-features.node.js';
import { joinFeatures } from './fit-flow.node.js';
import { openFlowScoring, type FlowScores } from './flow-scores.js';
import type { TrainingSettings } from './settings.js';
import type { TrainedFlow } from './trained-flow.js';

/** What a flow says of pictures, one value each. */
export interface PictureScores {
  /** As a verdict has it: of tiles, as the settings say that they make the picture's. */
  readonly scores: readonly number[];
  /** −log p / D over all that counts of the picture. */
  readonly nats: readonly number[];
}

/** Pictures whose features are joined at once: a copy of all would double what training holds. */
const together = 16;

/** Scores pictures by their features, tiles and a region as in training. */
export async function scorePictures(
  flow: TrainedFlow,
  pictures: readonly ImageFeatures[],
  settings: TrainingSettings,
  device: Device,
  signal?: AbortSignal,
): Promise<PictureScores> {
  const counted = pictures.some(({ views }) => views.some(({ shares }) => shares !== undefined));
  const scoring = await openFlowScoring(flow, counted, device);
  const scores: number[] = [];
  const nats: number[] = [];
  try {
    for (let first = 0; first < pictures.length; first += together) {
      const taken = pictures.slice(first, first + together);
      const samples = await scoring.score(joinFeatures(taken, settings), signal);
      let next = 0;
      for (const { views } of taken) {
        const own = views.map(() => next++);
        scores.push(scoreOf(own, views, samples, settings));
        nats.push(natsOf(own, samples));
      }
    }
  } finally {
    await scoring.close();
  }
  return { scores, nats };
}

function scoreOf(
  own: readonly number[],
  views: ImageFeatures['views'],
  { scores }: FlowScores,
  { view }: TrainingSettings,
): number {
  if (view.kind === 'whole') return scores[own[0]];
  const tiles = own.map((sample, i) => {
    const [finest] = views[i].shares ?? [];
    const score = scores[sample];
    // Where in the tile the score lies makes no difference to that of the whole tile.
    const inside = finest && { shares: finest, scoreMap: finest.map(() => score) };
    return { score, ...(inside && { inside }) };
  });
  return pictureScore(view.score, tiles);
}

/** Of all tiles together: those of which more counts say more. */
function natsOf(own: readonly number[], { nats, shares }: FlowScores): number {
  const all = own.reduce((sum, i) => sum + shares[i], 0);
  return own.reduce((sum, i) => sum + shares[i] * nats[i], 0) / all;
}
