import { connectedRegions } from '#csflow/evaluation/connected-regions.js';
import { imageMetrics } from '#csflow/evaluation/image-metrics.js';
import type { PixelMetrics } from '#csflow/evaluation/pixel-metrics.js';
import type { ScoredMap } from '#csflow/evaluation/scored-map.js';

const maskOf = ({ mask, map }: ScoredMap) => [...(mask ?? new Uint8Array(map.length))];

/** The curve point by point: every threshold is applied to every picture anew. */
export function bruteForceAupro(all: readonly ScoredMap[], limit: number): number {
  const regions = regionsOf(all);
  const thresholds = [...new Set(all.flatMap(({ map }) => [...map]))].sort((a, b) => b - a);
  const good = all.flatMap((picture) => {
    const mask = maskOf(picture);
    return [...picture.map].filter((_, i) => mask[i] === 0);
  });
  const curve = [{ fpr: 0, overlap: 0 }];
  for (const threshold of thresholds) {
    const shares = regions.map((scores) => scores.filter((v) => v >= threshold).length / scores.length);
    curve.push({
      fpr: good.filter((v) => v >= threshold).length / good.length,
      overlap: shares.reduce((a, b) => a + b, 0) / shares.length,
    });
  }
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const { fpr: x0, overlap: y0 } = curve[i - 1];
    const { fpr: x1, overlap: y1 } = curve[i];
    if (x0 >= limit || x0 === x1) continue;
    const end = Math.min(limit, x1);
    area += (end - x0) * (y0 + ((y1 - y0) * (end - x0)) / (x1 - x0) / 2);
  }
  return area / limit;
}

/** The scores of each defective region. */
function regionsOf(all: readonly ScoredMap[]): readonly (readonly number[])[] {
  return all.flatMap((picture) => {
    const { areas, labels } = connectedRegions(
      Uint8Array.from(maskOf(picture)),
      picture.height,
      picture.width,
    );
    return areas.map((_, r) => [...picture.map].filter((_, i) => labels[i] === r + 1));
  });
}

/** Every measure of pixels from its definition. */
export function bruteForcePixels(all: readonly ScoredMap[], threshold: number): PixelMetrics {
  const ranking = imageMetrics(
    all.flatMap(({ map }) => [...map]),
    all.flatMap(maskOf),
  );
  const regions = regionsOf(all);
  const found = (called: (score: number) => boolean) =>
    regions.filter((scores) => scores.some(called)).length / regions.length;
  const known = ranking.auroc !== undefined;
  return {
    ...ranking,
    aupro30: known ? bruteForceAupro(all, 0.3) : undefined,
    aupro05: known ? bruteForceAupro(all, 0.05) : undefined,
    regions: regions.length,
    regionRecall: regions.length === 0 ? undefined : found((score) => score > threshold),
    regionRecallAtF1Max: ranking.f1Max && found((score) => score >= ranking.f1Max!.threshold),
  };
}
