import { resolve } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderReport, type ReportInput } from '#csflow/report/html/index.js';
import {
  calibratedOn,
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

const cases: readonly Case[] = [
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

  it('stays small for thousands of pictures', () => {
    const images = [
      ...drawnScores(6000, 0.35, 0.2).map((score) => ({ score, kind: 'good' })),
      ...drawnScores(3000, 0.9, 0.6).map((score) => ({ score, kind: 'crack' })),
    ];
    expect(renderReport(drawnInput(images)).length).toBeLessThan(400_000);
  });
});
