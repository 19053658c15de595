import { rarityOf, valueAtPValue, type MapScale } from '../inspector/map-scale.js';
import { inferno, type Colour } from './colour-map.js';

/** Pixels that are no odder than one in a hundred of good ones stay as they are. */
export const calmPValue = 1e-2;
/** From one in ten thousand on the colour is the hottest. */
export const hottestPValue = 1e-4;

/** The hottest colour still lets the picture shine through. */
const mostOpaque = 0.6;
/** The darkest third of the colours would only make a picture look dirty. */
const warmestStart = 0.35;
const shades = 1024;

/** A colour to lay over a pixel, and how much of it. */
export interface Heat {
  readonly colour: Colour;
  /** 0 … 1 */
  readonly opacity: number;
}

/** The heat of a pixel by its p-value alone; 0 … 1 on a logarithmic scale from the calm to the hottest one. */
function heatAt(position: number): Heat {
  const heat = Math.min(1, Math.max(0, position));
  return {
    colour: inferno(warmestStart + (1 - warmestStart) * heat),
    // Clear enough halfway, at one in a thousand; from nothing, so that no edge shows where the heat begins.
    opacity: mostOpaque * heat * (2 - heat),
  };
}

const table = Array.from({ length: shades + 1 }, (_, i) => heatAt(i / shades));
const calmRarity = -Math.log10(calmPValue);
const range = -Math.log10(hottestPValue) - calmRarity;

/** The heat of a rarity, −log₁₀ of a p-value. */
export function heatOfRarity(rarity: number): Heat {
  const position = (rarity - calmRarity) / range;
  return table[Math.round(Math.min(1, Math.max(0, position)) * shades)];
}

/** The heat of a map value on a model's scale; nothing where it is calm. */
export function heatOn(scale: MapScale): (value: number) => Heat | undefined {
  const rarity = rarityOf(scale);
  const calm = valueAtPValue(scale, calmPValue);
  return (value) => (value > calm ? heatOfRarity(rarity(value)) : undefined);
}

/** Lays a colour over one pixel of 8-bit RGB data. */
export function blend(data: Uint8Array, pixel: number, colour: Colour, opacity: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const at = 3 * pixel + channel;
    data[at] = Math.round(data[at] + (colour[channel] - data[at]) * opacity);
  }
}
