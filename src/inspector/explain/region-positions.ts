import { connectedRegions } from '../../evaluation/index.js';

type Size = readonly [height: number, width: number];

/** Connected parts of an anomaly map. */
export interface MapRegion {
  /** In pixels of the map. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly pixels: number;
  readonly peak: number;
}

export interface MapRegions {
  readonly regions: readonly MapRegion[];
  /** Of each feature map: the regions (indices) that cover each position, row by row. */
  readonly covering: readonly (readonly (readonly number[])[])[];
}

interface Found {
  left: number;
  right: number;
  top: number;
  bottom: number;
  peak: number;
  peakAt: number;
}

/**
 * The parts of a map above a threshold (8-connected; of a map that is nowhere above, its highest pixels) and the
 * positions that they cover: of the finest feature map those whose middle lies inside, or the one that holds a region's
 * peak where it lies between all middles; of a coarser one every position that holds a covered finer one.
 * @param map values row by row
 * @param featureMaps sizes, finest first
 */
export function mapRegions(
  map: Float32Array,
  [height, width]: Size,
  threshold: number,
  featureMaps: readonly Size[],
): MapRegions {
  const highest = map.reduce((most, value) => Math.max(most, value), -Infinity);
  const bound =
    highest > threshold ? (value: number) => value > threshold : (value: number) => value === highest;
  const mask = Uint8Array.from(map, (value) => Number(bound(value)));
  const { labels, areas } = connectedRegions(mask, height, width);
  const found = areas.map((): Found => ({
    left: width,
    right: 0,
    top: height,
    bottom: 0,
    peak: -Infinity,
    peakAt: 0,
  }));
  labels.forEach((label, pixel) => {
    if (label === 0) return;
    const of = found[label - 1];
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    of.left = Math.min(of.left, x);
    of.right = Math.max(of.right, x + 1);
    of.top = Math.min(of.top, y);
    of.bottom = y + 1;
    if (map[pixel] > of.peak) [of.peak, of.peakAt] = [map[pixel], pixel];
  });
  const finest = finestCovering(labels, found, [height, width], featureMaps[0]);
  return {
    regions: found.map(({ left, right, top, bottom, peak }, i) => ({
      box: { x: left, y: top, width: right - left, height: bottom - top },
      pixels: areas[i],
      peak,
    })),
    covering: featureMaps.map((size) => coarser(finest, featureMaps[0], size)),
  };
}

function finestCovering(
  labels: Int32Array,
  found: readonly Found[],
  [height, width]: Size,
  [rows, columns]: Size,
): readonly (readonly number[])[] {
  const covering: number[][] = Array.from({ length: rows * columns }, () => []);
  const seen = new Set<number>();
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const [y, x] = [Math.floor(((i + 0.5) * height) / rows), Math.floor(((j + 0.5) * width) / columns)];
      const label = labels[y * width + x];
      if (label === 0) continue;
      covering[i * columns + j].push(label - 1);
      seen.add(label - 1);
    }
  found.forEach(({ peakAt }, region) => {
    if (seen.has(region)) return;
    const y = Math.floor(peakAt / width);
    const i = Math.floor((y * rows) / height);
    const j = Math.floor(((peakAt - y * width) * columns) / width);
    covering[i * columns + j].push(region);
  });
  return covering;
}

function coarser(
  finest: readonly (readonly number[])[],
  [fineRows, fineColumns]: Size,
  [rows, columns]: Size,
): readonly (readonly number[])[] {
  if (rows === fineRows && columns === fineColumns) return finest;
  const covering = Array.from({ length: rows * columns }, () => new Set<number>());
  finest.forEach((regions, position) => {
    const fineRow = Math.floor(position / fineColumns);
    const i = Math.floor((fineRow * rows) / fineRows);
    const j = Math.floor(((position - fineRow * fineColumns) * columns) / fineColumns);
    for (const region of regions) covering[i * columns + j].add(region);
  });
  return covering.map((regions) => [...regions]);
}
