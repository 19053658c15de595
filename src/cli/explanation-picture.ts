import type { RgbImage } from '../data/types.js';
import type { Explanation, ScaleExplanation } from '../inspector/explain/explanation.js';
import type { ModelMetadata } from '../inspector/model-metadata.js';
import {
  contactSheet,
  drawPositionMap,
  legend,
  lettersFor,
  positionLegend,
  renderHeatmap,
  shrunk,
  stacked,
  textLine,
  type PositionLegendOptions,
} from '../report/index.js';

/** Longer side of each picture in the panel. */
const side = 320;
/** Columns that a panel usually has, for the size of its letters: one a scale. */
const usualColumns = 3;

/** What the rows of the picture show, for those who look at it. */
export const explanationRows =
  'first row: picture, anomaly map; second: mean z² of each position and scale; third: distance from what was expected ' +
  'there; the bar below a row says what its colours mean';

/** The flow expects 1 everywhere, of good parts and on every scale: colours begin at twice that. */
const energyLegend: PositionLegendOptions = {
  scale: { low: 2, high: 8 },
  ticks: [2, 4, 6, 8].map((value) => ({ value, label: String(value) })),
  caption: 'mean z² of a position, 1 is as expected',
};

/**
 * Values are squares; named are their roots. A good part's features, whose deviation is 1, are about as far from any
 * expectation of them: colours begin there.
 */
const distanceLegend = (unit: Explanation['expected']['unit']): PositionLegendOptions => ({
  scale: { low: 1, high: 3 ** 2 },
  ticks: [1, 2, 3].map((root) => ({ value: root ** 2, label: String(root) })),
  caption: `${unit === 'deviations' ? 'deviations' : 'distance'} from what was expected`,
});

/**
 * The picture and its anomaly map with the regions outlined, and for each scale the map of z² and the distance from what
 * was expected; below each row what its colours mean, which is the same for all pictures.
 */
export async function drawExplanation(
  picture: RgbImage,
  explanation: Explanation,
  { calibration: { mapScale }, threshold }: Pick<ModelMetadata, 'calibration' | 'threshold'>,
): Promise<RgbImage> {
  const { map, mapSize, scales, regionsFrom, regionThreshold, expected, roundTrip } = explanation;
  const image = await shrunk(picture, side);
  const letters = lettersFor(usualColumns * image.width);
  const titled = (title: string, shown: RgbImage): RgbImage => stacked([textLine(title, letters), shown]);
  const row = (pictures: readonly RgbImage[], below: (width: number) => RgbImage): RgbImage => {
    const sheet = contactSheet([pictures]);
    return stacked([sheet, below(sheet.width)]);
  };
  const ofScales = (
    values: (scale: ScaleExplanation) => Float32Array,
    shownAs: PositionLegendOptions,
  ): RgbImage =>
    row(
      scales.map((scale) => {
        const options = { image, values: values(scale), size: scale.mapSize, scale: shownAs.scale };
        return titled(`scale ${scale.scale}`, drawPositionMap(options));
      }),
      (width) => positionLegend(shownAs, width),
    );

  const heatmap = renderHeatmap({
    image,
    map,
    mapHeight: mapSize[0],
    mapWidth: mapSize[1],
    scale: mapScale,
    threshold: regionThreshold,
  });
  const aboveThreshold = regionsFrom === 'pixel threshold';
  const note = (text: string): RgbImage => textLine(text, letters, letters);
  return stacked([
    row([titled('picture', image), titled('anomaly map', heatmap)], (width) =>
      legend({ scale: mapScale, threshold: aboveThreshold ? threshold.pixel : undefined }, width),
    ),
    ...(aboveThreshold ? [] : [note('outline: the highest hundredth of this map')]),
    ofScales(({ map: squares }) => squares, energyLegend),
    roundTrip.reliable
      ? ofScales(({ distance }) => distance, distanceLegend(expected.unit))
      : note('what was expected is not known: the inverse is not exact here'),
  ]);
}
