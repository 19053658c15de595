import { imageFeatures } from '../backbone/index.js';
import type { BackboneWeights } from '../backbone/weights.node.js';
import { input, lower, memoryNeed } from '../graph/index.js';
import { tilesAtOnce, type Size } from '../view/index.js';
import type { TrainingSettings } from './settings.js';

/** What a lane's session holds, of what its program needs at one time; measured at 128² to 1536². */
const heldFactor = 3;
/** Pictures that are decoded beside those the network is at. */
const decodedAhead = 4;
const pictureBytes = 3;

/**
 * Bytes that computing features takes beyond the process: a session a lane, with the backbone's weights and maps, and
 * decoded pictures.
 * @param pictureSize height and width of the largest picture, in pixels
 */
export function extractionMemory(
  { size, view, backbone }: Pick<TrainingSettings, 'size' | 'view' | 'backbone'>,
  { weights }: BackboneWeights,
  pictureSize: Size,
  lanes: number,
): number {
  const [together, [height, width]] =
    view.kind === 'tiles' ? [tilesAtOnce(size), view.tile] : [1, pictureSize];
  const image = input('image', [together, height, width, 3], 'uint8');
  const [f0, f1, f2] = imageFeatures(image, size, backbone, weights);
  const { peak, constants } = memoryNeed(lower({ f0, f1, f2 }));
  const decoded = pictureBytes * pictureSize[0] * pictureSize[1];
  return lanes * (constants + heldFactor * peak) + (lanes + decodedAhead) * decoded;
}
