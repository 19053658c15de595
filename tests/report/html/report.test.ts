import { resolve } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderReport, type ReportInput } from '#csflow/report/html/index.js';
import {
  calibratedOn,
  continued,
  crossed,
  drawnCases,
  drawnEvaluation,
  drawnInput,
  drawnScores,
  metadata,
  root,
  usualImages,
  type DrawnImage,
} from './drawn-report.js';

/** What is used of the DOM. */
interface Element {
  readonly textContent: string;
  readonly tagName: string;
  readonly id: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

function parsed(html: string): Element {
  return (parseHTML(html) as unknown as { document: Element }).document;
}

const all = (page: Element, selector: string): readonly Element[] => [...page.querySelectorAll(selector)];

async function reportOf(images: readonly DrawnImage[], more: Partial<ReportInput> = {}): Promise<string> {
  const input = drawnInput(images, more);
  return renderReport({ ...input, shown: await drawnCases(input.evaluation.images) });
}

const hostile = `"><img src=x onerror=alert(1)><script>alert('x')</script>&lt;&`;

interface Case {
  readonly name: string;
  readonly images: readonly DrawnImage[];
  readonly more?: Partial<ReportInput>;
}

const modelOf = (changed: ReportInput['model']['metadata']): Partial<ReportInput> => ({
  model: { ...drawnInput([{ score: 0.2, kind: 'good' }]).model, metadata: changed },
});

/** The rows of a table of facts, by name. */
function factsOf(page: Element, table: string): ReadonlyMap<string, string> {
  const rows = all(page, `[aria-labelledby="${table}"] tr`);
  return new Map(
    rows.map((row) => [row.querySelector('th')!.textContent, row.querySelector('td')!.textContent]),
  );
}

const cases: readonly Case[] = [
  { name: 'a cross-calibrated model', images: usualImages, more: modelOf(crossed) },
  { name: 'a continued model of tiles and a region', images: usualImages, more: modelOf(continued) },
  { name: 'a model calibrated on two parts', images: usualImages, more: modelOf(calibratedOn(2)) },

  { name: 'a usual test set', images: usualImages },
  { name: 'only good pictures', images: usualImages.filter(({ kind }) => kind === 'good') },
  { name: 'only defective pictures', images: usualImages.filter(({ kind }) => kind !== 'good') },
  { name: 'one good picture', images: [{ score: 0.2, kind: 'good' }] },
  { name: 'one defective picture', images: [{ score: 0.2, kind: 'crack' }] },
  {
    name: 'one score for all',
    images: [1, 2, 3].flatMap(() => ['good', 'crack'].map((kind) => ({ score: 0.5, kind }))),
  },
  { name: 'scores over many decades', images: [...usualImages, { score: 4e5, kind: 'crack' }] },
  { name: 'a very long name', images: [...usualImages, { score: 0.1, kind: 'x'.repeat(300) }] },
  {
    name: 'hostile names',
    images: [
      ...usualImages,
      { score: 0.1, kind: hostile, name: `test/${hostile.replaceAll('/', '')}/1.png` },
    ],
    more: {
      data: {
        root: resolve(root, '<b>"quoted"'),
        layout: 'folder',
        division: hostile,
        notes: [hostile],
      },
    },
  },
  {
    name: '80 kinds of defects',
    images: Array.from({ length: 160 }, (_, i) => ({ score: i / 100, kind: `kind ${i % 80}` })),
  },
];

describe.each(cases)('the report of $name', ({ images, more }) => {
  it('is a sound page that never says NaN', async () => {
    const html = await reportOf(images, more);
    const page = parsed(html);
    const visible = html.replaceAll(/<style>[\s\S]*?<\/style>|src="data:[^"]*"/g, '');
    expect(visible).not.toMatch(/NaN|Infinity|\[object|>null</);

    expect(page.querySelector('html')!.getAttribute('lang')).toBe('en');
    expect(all(page, 'main')).toHaveLength(1);
    expect(page.querySelector('a.skip')!.getAttribute('href')).toBe('#main');
    expect(all(page, 'script, iframe, object, link, [onerror], [onload]')).toEqual([]);

    const levels = all(page, 'h1, h2, h3').map(({ tagName }) => Number(tagName.slice(1)));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.slice(1).forEach((level, i) => expect(level - levels[i]).toBeLessThanOrEqual(1));

    const ids = all(page, '[id]').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const element of all(page, '[aria-labelledby]')) {
      for (const id of element.getAttribute('aria-labelledby')!.split(' ')) expect(ids).toContain(id);
    }
    for (const link of all(page, 'nav a')) expect(ids).toContain(link.getAttribute('href')!.slice(1));
    for (const table of all(page, 'table')) {
      expect(table.querySelector('caption')!.textContent.length).toBeGreaterThan(3);
      for (const head of table.querySelectorAll('th'))
        expect(head.getAttribute('scope')).toMatch(/^(col|row)$/);
    }
    for (const plot of all(page, 'svg.plot')) {
      expect(plot.getAttribute('role')).toBe('img');
      expect(plot.querySelector('title')!.textContent.length).toBeGreaterThan(5);
      expect(plot.querySelector('desc')!.textContent.length).toBeGreaterThan(30);
    }
    for (const picture of all(page, 'img')) {
      expect(picture.getAttribute('src')).toMatch(/^data:image\/webp;base64,[A-Za-z0-9+/=]+$/);
      expect(picture.getAttribute('src')!.length).toBeLessThan(200_000);
      expect(picture.getAttribute('alt')!.length).toBeGreaterThan(5);
    }
  });
});

describe('renderReport', () => {
  it('needs nothing beside itself', async () => {
    const html = await reportOf(usualImages);
    expect(parsed(html).querySelector('meta[http-equiv]')!.getAttribute('content')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
    const addresses = [...html.matchAll(/(?:src|href|xlink:href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)].map(
      ([, at]) => at,
    );
    expect(addresses.filter((at) => !at.startsWith('#') && !at.startsWith('data:'))).toEqual([]);
  });

  it('says the same thing each time', async () => {
    expect(await reportOf(usualImages)).toBe(await reportOf(usualImages));
  });

  it('keeps hostile names as text', async () => {
    const page = parsed(await reportOf(cases.find(({ name }) => name === 'hostile names')!.images));
    const cell = all(page, 'tbody th').find(({ textContent }) => textContent.includes('onerror'));
    expect(cell!.textContent).toBe(hostile);
  });

  it('tells what was counted, with intervals, class by class', async () => {
    const page = parsed(await reportOf(usualImages));
    const row = all(page, 'tbody tr').find((each) => each.querySelector('th')!.textContent === 'crack')!;
    const found = usualImages.filter(({ kind, score }) => kind === 'crack' && score > 0.5).length;
    const cells = all(row, 'td').map(({ textContent }) => textContent);
    expect(cells.slice(0, 2)).toEqual(['30', String(found)]);
    expect(cells[3]).toMatch(/^\d+(\.\d)?–\d+(\.\d)? %$/);
    expect(page.querySelector('.headline')!.textContent).toContain('Defects found');
  });

  it('tells what made the model: settings, versions, digests', () => {
    const page = parsed(renderReport(drawnInput(usualImages)));
    const training = factsOf(page, 'training-table');
    expect(training.get('learned from')).toBe(
      '1 good picture; 1 more held out to set the threshold; 0 skipped',
    );
    expect(training.get('settings')).toBe('learning rate up to 0.002, batch 16');
    expect(training.get('trained with')).toBe('csflow 1.2.2, ONNX Runtime 1.29.0, Node.js 20.0.0');
    expect(training.get('report written')).toBe(
      '2026-01-02 03:04 UTC with csflow 1.2.3, ONNX Runtime 1.30.0, Node.js 20.1.0',
    );
    expect(factsOf(page, 'model-table').get('looks at')).toBe('the whole picture at once');
    expect(factsOf(page, 'model-table').has('region of interest')).toBe(false);
    expect(training.has('went on from')).toBe(false);
  });

  it('does without what an earlier version did not write into the model file', () => {
    const { learningRate, batch, runtime, ...before } = metadata.training;
    expect([learningRate, batch, runtime]).not.toContain(undefined);
    const older = modelOf({ ...metadata, training: { ...before, createdBy: 'csflow' } });
    const training = factsOf(parsed(renderReport(drawnInput(usualImages, older))), 'training-table');
    expect(training.has('settings')).toBe(false);
    expect(training.get('trained with')).toBe('csflow');
  });

  it('words where the scores of a cross-calibrated model come from', () => {
    const page = parsed(renderReport(drawnInput(usualImages, modelOf(crossed))));
    expect(factsOf(page, 'training-table').get('learned from')).toBe(
      '2 good pictures; 2 of them scored to set the threshold, each by one of 5 flows that had not seen its part; 0 skipped',
    );
  });

  it('tells which models one goes on from, its tiles and its region', () => {
    const page = parsed(renderReport(drawnInput(usualImages, modelOf(continued))));
    const training = factsOf(page, 'training-table');
    expect(training.get('learned from')).toContain('those of earlier trainings among them');
    expect(training.get('went on from')).toBe(
      '2 earlier models, at last with 12 new pictures and 30 known; 1 picture set the threshold of earlier ones alone',
    );
    expect(training.get('SHA-256 of these')).toBe(`${'1'.repeat(64)}, ${'2'.repeat(64)}`);
    const model = factsOf(page, 'model-table');
    expect(model.get('looks at')).toContain('tiles of 256 × 256 pixels, overlapping by 30 %;');
    expect(model.get('region of interest')).toBe(
      'a polygon of 4 corners, 50 % of the picture: only what is inside counts',
    );
  });

  it('says of defects outside the region of interest that they cannot be found', async () => {
    const images: readonly DrawnImage[] = [
      ...usualImages,
      { score: 0.01, kind: 'crack', outsideRegion: 'wholly' },
      { score: 0.9, kind: 'crack', outsideRegion: 'partly' },
    ];
    const evaluation = drawnEvaluation(images, { outsideRegion: { images: 2, wholly: 1, share: 0.25 } });
    const shown = await drawnCases(evaluation.images);
    const input = { ...modelOf(continued), evaluation, shown };
    const page = parsed(renderReport(drawnInput(images, input)));
    expect(page.querySelector('[aria-label="Summary"]')!.textContent).toMatch(
      /In 2 defective pictures the defect lies partly, in 1 of them wholly outside the region of interest.*25 %/,
    );
    const misses = page.querySelector('section[aria-labelledby="misses"]')!;
    expect(misses.textContent).toContain('1 of them with the defect wholly outside the region of interest');
    const marked = all(misses, '.card p').filter(({ textContent }) => textContent.includes('outside'));
    expect(marked.map(({ textContent }) => textContent)).toEqual([
      expect.stringMatching(/^Missed crack; score 0\.01,.*; the defect lies wholly outside the region/),
    ]);
    const usual = await reportOf(usualImages);
    expect(usual).not.toContain('outside the region');
  });

  it('shows p-values of many calibration parts with digits that say something', async () => {
    const evaluation = drawnEvaluation(usualImages);
    const images = evaluation.images.map((each) => ({
      ...each,
      verdict: { ...each.verdict, pValue: 1 / 4321 },
    }));
    const shown = await drawnCases(images);
    const page = parsed(
      renderReport(drawnInput(usualImages, { evaluation: { ...evaluation, images }, shown })),
    );
    expect(page.querySelector('.card p')!.textContent).toContain('p-value 0.00023');
  });

  it('says at which threshold regions are found, and how often its intervals hold', () => {
    const evaluation = drawnEvaluation(usualImages);
    const summary = { ...evaluation.summary, regions: 9, region_recall: 0.5, pixel_threshold: 3.25 };
    const page = parsed(renderReport(drawnInput(usualImages, { evaluation: { ...evaluation, summary } })));
    expect(page.querySelector('#metric-table')!.textContent).toContain(
      'Measures over all thresholds, but for the regions found, which are counted at the model’s pixel threshold, 3.25;',
    );
    const plain = parsed(renderReport(drawnInput(usualImages)));
    expect(plain.querySelector('#metric-table')!.textContent).toContain('Measures over all thresholds; 1 is');
    expect(factsOf(plain, 'test-data-table').get('95 % intervals')).toContain('in about 88');
  });

  it('says in words what is undefined', async () => {
    const text = parsed(await reportOf([{ score: 0.2, kind: 'good' }])).querySelector('main')!.textContent;
    expect(text).toContain('The curves are undefined');
    expect(text).toContain('undefined: there are no defective images');
    expect(text).toContain('There is no defective test picture');
  });

  it('warns of what makes the figures doubtful', () => {
    const evaluation = drawnEvaluation(usualImages, {
      choseThreshold: 7,
      warnings: [
        {
          code: 'seen-in-training',
          message: 'Two test images were learned from.',
          files: ['a.png', 'b.png'],
        },
      ],
      skipped: [
        { path: resolve(root, 'test/good/cut.png'), reason: 'the png image is damaged' },
        { path: resolve(root, 'notes.txt'), reason: 'no image, by its extension' },
        { path: resolve(root, 'more.txt'), reason: 'no image, by its extension' },
      ],
    });
    const few = { ...metadata, threshold: { ...metadata.threshold, enough: false } };
    const input = drawnInput(usualImages, { evaluation });
    const page = parsed(
      renderReport({
        ...input,
        model: { ...input.model, metadata: few },
      }),
    );
    const warnings = all(page, '.warnings li').map(({ textContent }) => textContent);
    expect(warnings[0]).toBe('Two test images were learned from.');
    expect(warnings.join('\n')).toMatch(/chosen on 7 of these test pictures/);
    expect(warnings.join('\n')).toMatch(
      /it takes 99 of different parts, there were 120 pictures of 120 parts/,
    );
    expect(warnings.join('\n')).toMatch(/Few test pictures of “missing hole” \(8\)/);
    expect(warnings.join('\n')).toMatch(/3 files were not used/);
    const rows = all(page, 'section[aria-labelledby="skipped"] tbody tr').map((row) =>
      all(row, 'th, td').map(({ textContent }) => textContent),
    );
    expect(rows).toEqual([
      ['the png image is damaged', '1', 'test/good/cut.png'],
      ['no image, by its extension', '2', 'notes.txt, more.txt'],
    ]);
  });

  it.each([
    ['enough parts', 120, 'split', /on average no larger share of them is rejected than was asked for/],
    ['2 parts', 2, 'split', /up to one new good part in 3 is rejected, 333 of 1,000/],
    ['20 parts', 20, 'split', /up to one new good part in 21 is rejected, 48 of 1,000/],
    ['enough folded parts', 120, 'cross', /so that no bound holds whatever the data/],
    ['20 folded parts', 20, 'cross', /too few parts to promise the rate asked for; the true rate below says/],
  ] as const)('promises for a threshold of %s what holds', (_, parts, kind, promise) => {
    const changed = calibratedOn(parts, kind === 'cross' ? { kind, folds: 5 } : { kind });
    const input = drawnInput(usualImages);
    const page = parsed(renderReport({ ...input, model: { ...input.model, metadata: changed } }));
    const section = page.querySelector('section[aria-labelledby="threshold"]')!.textContent;
    expect(section).toMatch(promise);
    expect(/on average no larger share/.test(section)).toBe(parts === 120 && kind === 'split');
    expect(section).toContain(`cannot give one below 1 in ${parts + 1}.`);
  });

  it.each([
    ['differ from them', metadata, /The test pictures may differ from those learned from/],
    [
      'are no news where two set the threshold',
      calibratedOn(2),
      /So few good pictures set the threshold that up to/,
    ],
  ] as const)('warns of more rejections than asked for: test pictures %s', (_, model, cause) => {
    const images = drawnScores(60, 0.9, 0.1).map((score) => ({ score, kind: 'good' }));
    const few = [...images.slice(0, 40).map(() => ({ score: 0.1, kind: 'good' })), ...images.slice(40)];
    const page = parsed(renderReport(drawnInput(few, modelOf(model))));
    const warning = all(page, '.warnings li').find(({ textContent }) => textContent.startsWith('More good'));
    expect(warning!.textContent).toMatch(cause);
  });

  it('stays small for thousands of pictures', () => {
    const images = [
      ...drawnScores(6000, 0.35, 0.2).map((score) => ({ score, kind: 'good' })),
      ...drawnScores(3000, 0.9, 0.6).map((score) => ({ score, kind: 'crack' })),
    ];
    expect(renderReport(drawnInput(images)).length).toBeLessThan(400_000);
  });
});
