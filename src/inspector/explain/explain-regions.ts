import { branchesOf, type FlowConfiguration } from '../../csflow/index.js';
import type { Picture } from '../inspector.js';
import type { ChannelDifference, ExplainedRegion } from './explanation.js';
import { sumOf, type BranchValues } from './position-statistics.js';
import type { MapRegion, MapRegions } from './region-positions.js';

export interface RegionEvidence {
  readonly configuration: FlowConfiguration;
  /** Of each branch: Σ z² over the channels of each position. */
  readonly squares: readonly Float64Array[];
  /** Features as the flow reads them. */
  readonly inputs: readonly BranchValues[];
  /** What was expected in their place. */
  readonly expected: readonly Float32Array[];
  /** Mean over the channels of their squared difference at each position. */
  readonly distances: readonly Float64Array[];
  readonly picture: Pick<Picture, 'width' | 'height'>;
  readonly mapSize: readonly [height: number, width: number];
}

/** Channels that are named of each region. */
const channelsShown = 5;

/** What each region adds to the score, and how far its features are from what was expected. */
export function explainRegions(
  { regions, covering }: MapRegions,
  evidence: RegionEvidence,
): readonly ExplainedRegion[] {
  const all = evidence.squares.reduce((sum, squares) => sum + sumOf(squares), 0);
  return regions
    .map((region, index): ExplainedRegion => {
      const positions = covering.map((at) =>
        at.flatMap((covered, position) => (covered.includes(index) ? [position] : [])),
      );
      let energy = 0;
      let [distance, values] = [0, 0];
      positions.forEach((of, branch) => {
        const { channels } = evidence.inputs[branch];
        for (const position of of) {
          energy += evidence.squares[branch][position] / covering[branch][position].length;
          distance += evidence.distances[branch][position] * channels;
          values += channels;
        }
      });
      return {
        ...inPicture(region, evidence),
        peak: region.peak,
        positions: positions.map(({ length }) => length),
        shareOfScore: all === 0 ? 0 : energy / all,
        distance: Math.sqrt(distance / values),
        channels: largestDifferences(positions, evidence),
      };
    })
    .sort((a, b) => b.shareOfScore - a.shareOfScore);
}

function inPicture(
  { box, pixels }: MapRegion,
  { picture, mapSize: [height, width] }: RegionEvidence,
): Pick<ExplainedRegion, 'box' | 'area'> {
  const [across, down] = [picture.width / width, picture.height / height];
  const [x, y] = [Math.floor(box.x * across), Math.floor(box.y * down)];
  return {
    box: {
      x,
      y,
      width: Math.ceil((box.x + box.width) * across) - x,
      height: Math.ceil((box.y + box.height) * down) - y,
    },
    area: pixels / (height * width),
  };
}

function largestDifferences(
  positions: readonly (readonly number[])[],
  { configuration, inputs, expected }: RegionEvidence,
): readonly ChannelDifference[] {
  const { channels: ofOneScale, usedScales, cross } = configuration;
  const differences = branchesOf(configuration).flatMap(({ scale, channels }, branch) => {
    const covered = positions[branch];
    if (covered.length === 0) return [];
    const { positions: area, data } = inputs[branch];
    const meanOf = (values: Float32Array, channel: number): number =>
      covered.reduce((sum, position) => sum + values[channel * area + position], 0) / covered.length;
    return Array.from({ length: channels }, (_, channel): ChannelDifference => ({
      // A map that joins all scales has the channels of one after those of the other.
      scale: cross === 'concat' ? (usedScales?.[Math.floor(channel / ofOneScale)] ?? scale) : scale,
      channel: channel % ofOneScale,
      seen: meanOf(data, channel),
      expected: meanOf(expected[branch], channel),
    }));
  });
  const size = ({ seen, expected: wanted }: ChannelDifference): number => Math.abs(seen - wanted);
  return differences.sort((a, b) => size(b) - size(a)).slice(0, channelsShown);
}
