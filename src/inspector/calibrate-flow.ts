import { branchesOf, mapSizeAt } from '../csflow/index.js';
import type { DatasetImage } from '../data/types.js';
import { valuesOf, type Device } from '../runtime/session.js';
import { feedsOf, type FeatureSet } from '../training/index.js';
import type { PictureView, Size } from '../view/index.js';
import { openScoring, type DetectorView, type MapChoice } from './detector-program.js';
import { mapCollector, type MapCollector, type MapStatistics } from './map-calibration.js';
import { assemblePicture, type PictureAssembly } from './picture-assembly.js';
import type { TrainedFlow } from './trained-flow.js';

/** What a flow says of good images that it has not seen. */
export interface UnseenScores {
  /** Anomaly scores, in the order of the images. */
  readonly scores: readonly number[];
  /** What the images' anomaly maps say. */
  readonly maps: MapStatistics;
}

/** A picture that is scored, as the samples of a feature set. */
export interface SampledPicture {
  /** Names the physical part that it shows. */
  readonly image: Pick<DatasetImage, 'group'>;
  /** In pixels; of pictures that are looked at in tiles. */
  readonly pictureSize?: Size;
  /** Its samples, one after another: the whole picture, or its tiles. */
  readonly views: readonly PictureView[];
}

export interface PictureSamples {
  readonly features: FeatureSet;
  /** In the order of the samples. */
  readonly pictures: readonly SampledPicture[];
}

/**
 * Scores good images that the flow has not seen, and counts the values of their anomaly maps. All tiles of a picture make
 * one score and one map, as in a verdict: the picture is the unit of calibration.
 * @param together samples scored at once
 */
export async function scoreUnseen(
  flow: TrainedFlow,
  { features, pictures }: PictureSamples,
  choice: MapChoice,
  detector: DetectorView,
  together: number,
  device: Device,
): Promise<UnseenScores> {
  const { count } = features;
  const batch = Math.min(count, together);
  const session = await openScoring(flow, choice, detector, batch, device);
  const { scores, maps, add } = collectPictures(flow, pictures, choice, detector);
  try {
    for (let first = 0; first < count; first += batch) {
      // The last batch is filled up with the last sample.
      const indices = Array.from({ length: batch }, (_, i) => Math.min(first + i, count - 1));
      const results = await session.run(feedsOf(features, indices, session.inputNames));
      const parts = (name: string): readonly Float32Array[] => {
        const values = valuesOf(results, name, 'float32');
        const length = values.length / batch;
        return indices.map((_, i) => values.subarray(i * length, (i + 1) * length));
      };
      const [score, map] = [parts('score'), parts('anomaly_map')];
      const scoreMap = session.outputNames.includes('score_map') ? parts('score_map') : undefined;
      for (let i = 0; i < Math.min(batch, count - first); i++) add(score[i][0], map[i], scoreMap?.[i]);
    }
  } finally {
    await session.close();
  }
  return { scores, maps: maps.statistics() };
}

interface PictureCollector {
  /** Of the pictures whose samples are all there. */
  readonly scores: readonly number[];
  readonly maps: MapCollector;
  /** Takes the samples one after another. */
  readonly add: (score: number, map: Float32Array, scoreMap?: Float32Array) => void;
}

function collectPictures(
  { configuration }: TrainedFlow,
  pictures: readonly SampledPicture[],
  { size }: MapChoice,
  { view, region }: DetectorView,
): PictureCollector {
  const finest = branchesOf(configuration)[0].scale;
  const [height, width] = mapSizeAt(configuration, finest);
  const maps = mapCollector(positionsOf(pictures) * height * width);
  const scores: number[] = [];
  const whole = view.kind === 'whole' ? region?.pixels(...size) : undefined;
  const keep = (score: number, map: Float32Array, inside?: Uint8Array): void => {
    const { group } = pictures[scores.length].image;
    scores.push(score);
    maps.add(inside === undefined ? map : map.filter((_, p) => inside[p] !== 0), group);
  };
  let assembly: PictureAssembly | undefined;
  let next = 0;
  const add: PictureCollector['add'] = (score, map, scoreMap) => {
    if (view.kind === 'whole') return keep(score, map, whole);
    const { pictureSize, views } = pictures[scores.length];
    const { tile, shares } = views[next++];
    if (tile === undefined || pictureSize === undefined) throw new TypeError('calibration: expected tiles');
    assembly ??= assemblePicture({
      picture: pictureSize,
      tile: [tile.height, tile.width],
      modelSize: size,
      view,
      region,
    });
    const inside = scoreMap && shares && { scoreMap, shares: shares[finest] };
    assembly.add({ tile, score, map: map.slice(), ...(inside && { inside }) });
    if (next < views.length) return;
    const seen = assembly.result();
    keep(seen.score, seen.map, seen.inside);
    [assembly, next] = [undefined, 0];
  };
  return { scores, maps, add };
}

/** How many samples' positions an image has in the mean, those that overlap or lie outside a region not counted. */
function positionsOf(pictures: readonly SampledPicture[]): number {
  const samples = pictures.map(({ pictureSize, views }) => {
    const shares = views.map((view) => meanOf(view.shares?.[0]));
    const inside = shares.reduce((sum, share) => sum + share, 0);
    if (pictureSize === undefined) return inside;
    const [height, width] = pictureSize;
    const covered = views.reduce((sum, { tile }) => sum + (tile ? tile.height * tile.width : 0), 0);
    return inside * Math.min(1, (height * width) / covered);
  });
  return samples.reduce((sum, one) => sum + one, 0) / samples.length;
}

const meanOf = (shares: Float32Array | undefined): number =>
  shares === undefined ? 1 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
