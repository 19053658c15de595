import type { Evaluation } from '../inspector/evaluate.node.js';
import { print, printJson, shown, table } from './output.js';
import { summariseSkipped } from './skipped.js';

/** What an evaluation found, for people or for machines. */
export function printEvaluation({ summary, pixelImages, skipped, leftOut }: Evaluation, json: boolean): void {
  if (json) {
    printJson({
      ...summary,
      pixel_images: pixelImages,
      skipped: skipped.length,
      skipped_reasons: summariseSkipped(skipped),
      left_out_seen_in_training: leftOut.length,
    });
    return;
  }
  const { good, defective, false_reject_rate, missed } = summary;
  print(`${summary.images} test images: ${good} good, ${defective} defective`);
  const found = `${defective - missed} of ${defective} defective parts found`;
  const rejected =
    false_reject_rate === null
      ? ''
      : `, ${Math.round(false_reject_rate * good)} of ${good} good parts rejected`;
  print(`at the threshold ${shown(summary.threshold)}: ${found}${rejected}\n`);
  print(
    table([
      ['', 'images', 'image AUROC'],
      ['all', String(summary.images), shown(summary.image_auroc)],
      ...Object.entries(summary.per_class).map(([name, { n, image_auroc }]) => [
        name,
        String(n),
        shown(image_auroc),
      ]),
    ]),
  );
  print(`\nimage AP ${shown(summary.image_ap)}, F1-max ${shown(summary.f1_max)}`);
  if (summary.pixel_auroc !== null) {
    print(
      `pixel AUROC ${shown(summary.pixel_auroc)}, AUPRO(0.3) ${shown(summary.aupro_30)}, from ${pixelImages} images`,
    );
  }
  if (leftOut.length > 0)
    print(`left out: ${leftOut.length} images that the model was trained or calibrated on`);
  for (const { reason, count: files } of summariseSkipped(skipped)) print(`skipped ${files}: ${reason}`);
}
