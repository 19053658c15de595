import type { ModelMetadata } from '../../inspector/model-metadata.js';
import { calmPValue, heatOfRarity, hottestPValue } from '../heat-scale.js';
import { oneIn } from '../legend.js';
import { markup, type Markup } from './markup.js';

const stops = 16;
/** Colours are shown as they look over a picture of medium brightness. */
const ground = 128;

/** What the colours of the heatmaps mean, in p-values of the model's own scale. */
export function heatLegend({ calibration, threshold }: ModelMetadata): Markup {
  const middle = Math.sqrt(calmPValue * hottestPValue);
  const ticks = [calmPValue, middle, hottestPValue].map((p) => oneIn(p, calibration.mapScale));
  return markup`<figure class="legend">
<div class="heat" role="img" aria-label="Colours from none at ${ticks[0]} over red to pale yellow at ${ticks[2]}" style="background:linear-gradient(to right,${shades().join(',')})"></div>
<div class="ticks">${ticks.map((tick) => markup`<span>${tick}</span>`)}</div>
<figcaption>Colours say how seldom a place in a good picture is as unusual, on one scale for all pictures. A light blue line surrounds what is rarer than ${oneIn(threshold.pixel.pValue, calibration.mapScale)}.</figcaption>
</figure>`;
}

function shades(): readonly string[] {
  const [calm, hottest] = [-Math.log10(calmPValue), -Math.log10(hottestPValue)];
  return Array.from({ length: stops + 1 }, (_, i) => {
    const { colour, opacity } = heatOfRarity(calm + ((hottest - calm) * i) / stops);
    return `rgb(${colour.map((part) => Math.round(ground + (part - ground) * opacity)).join(' ')})`;
  });
}
