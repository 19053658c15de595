import { relative } from 'node:path';
import { markup, type Markup } from './markup.js';
import { percent, significant } from './numbers.js';
import type { EmbeddedPicture, ShownCase } from './report-input.js';

/** Pictures side by side with their heatmaps, and what was said of them. */
export function pictureCards(cases: readonly ShownCase[], root: string, threshold: number): Markup {
  return markup`<ul class="cards">
${cases.map((shown) => card(shown, root, threshold))}</ul>`;
}

/** A file's name from the data set's folder on, with forward slashes on every machine. */
export function nameBelow(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}

function card({ inspected, photo, heatmap, outlined }: ShownCase, root: string, threshold: number): Markup {
  const { image, verdict, outsideRegion } = inspected;
  const name = nameBelow(root, image.path);
  const good = image.label === 'good';
  const wrong = verdict.defective === good;
  const outcome = good ? (wrong ? 'False alarm' : 'Accepted') : wrong ? 'Missed' : 'Found';
  const ratio = threshold > 0 ? `, ${percent(verdict.score / threshold)} of the threshold` : '';
  const outside = outsideRegion && `; the defect lies ${outsideRegion} outside the region of interest`;
  const outline = outlined ? ' with the true defect outlined' : '';
  return markup`<li class="card">
<h3>${name}</h3>
<p><span class="badge${wrong && ' wrong'}">${outcome}</span> ${image.defectClass}; score ${significant(verdict.score)}${ratio}; p-value ${significant(verdict.pValue, 2)}${outside}</p>
<div class="pictures">
<figure>${embedded(photo, `Photo of ${name}${outline}`)}<figcaption>Photo${outlined && ', true defect outlined in white'}</figcaption></figure>
<figure>${embedded(heatmap, `Photo of ${name} with the anomaly map over it${outline}`)}<figcaption>What the model finds unusual</figcaption></figure>
</div>
</li>
`;
}

function embedded({ uri, width, height }: EmbeddedPicture, alt: string): Markup {
  return markup`<img src="${uri}" width="${width}" height="${height}" alt="${alt}">`;
}
