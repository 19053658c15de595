import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelMetadata } from '#csflow/inspector/model-metadata.js';
import { renderReport } from '#csflow/report/html/index.js';
import { launchBrowser } from './browser.js';
import { continued, drawnCases, drawnInput, metadata, usualImages, type DrawnImage } from './drawn-report.js';

/** Reports as a browser shows them: read by eye they must hold at every width, in both schemes and on paper. */
let browser: Browser;
let folder: string;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const reports: Readonly<Record<string, readonly DrawnImage[]>> = {
  usual: usualImages,
  bare: [{ score: 0.2, kind: 'good' }],
  'many facts': [...usualImages, { score: 0.1, kind: 'crack', outsideRegion: 'wholly' }],
  'long names': [
    ...usualImages,
    {
      score: 0.1,
      kind: 'a_very_long_name_of_a_defect_'.repeat(9),
      name: `test/${'deep/'.repeat(40)}${'n'.repeat(180)}.png`,
    },
    { score: 0.9, kind: '"><script>document.title = "run"</script>' },
  ],
};

const models: Readonly<Record<string, ModelMetadata>> = { 'many facts': continued };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csflow-report-'));
  for (const [name, images] of Object.entries(reports)) {
    const input = drawnInput(images);
    const model = { ...input.model, metadata: models[name] ?? metadata };
    const shown = await drawnCases(input.evaluation.images);
    await writeFile(join(folder, `${name}.html`), renderReport({ ...input, model, shown }));
  }
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(name: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  return page;
}

const sizes = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
} as const;

interface Fault {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: readonly Fault[] }>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`);
}

describe.each(Object.keys(reports))('the report "%s"', (name) => {
  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)('on a %s in %s: fits, is accessible, asks for nothing', async (size, colorScheme) => {
    const context = await browser.newContext({ viewport: sizes[size], colorScheme });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(join(folder, `${name}.html`)).href;
    await page.goto(address);
    expect(requests.filter((url) => url !== address && !url.startsWith('data:'))).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
      sizes[size].width,
    );
    // Nothing sticks out beside what scrolls by itself.
    const outside = await page.evaluate<string[]>(
      `[...document.querySelectorAll('body *')]
        .filter((e) => !e.closest('.scroll, .skip, svg') && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.outerHTML.slice(0, 80))`,
    );
    expect(outside).toEqual([]);
    expect(
      await page.evaluate(`[...document.images].filter((image) => image.naturalWidth === 0).length`),
    ).toBe(0);
    const letters = await page.evaluate<number[]>(
      `[...document.querySelectorAll('svg.plot text')]
        .filter((text) => text.checkVisibility())
        .map((text) => parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b))`,
    );
    if (name === 'usual') expect(letters.length).toBeGreaterThan(20);
    for (const height of letters) expect(height).toBeGreaterThanOrEqual(10);
    // There are letters to see, not only places for them.
    const heading = await page.evaluate<number>(
      `(() => { const range = document.createRange(); range.selectNodeContents(document.querySelector('h1')); return range.getBoundingClientRect().width; })()`,
    );
    expect(heading).toBeGreaterThan(150);
    expect(await page.title()).not.toBe('run');
    expect(await seriousFaults(page)).toEqual([]);
    await context.close();
  });
});

describe('the report in a browser', () => {
  it('shows each plot once, the one for the width', async () => {
    for (const size of ['desktop', 'phone'] as const) {
      const page = await open('usual', { viewport: sizes[size] });
      const shown = await page.evaluate(
        `[...document.querySelectorAll('svg.plot')].filter((plot) => plot.checkVisibility()).map((plot) => plot.querySelector('title').textContent)`,
      );
      expect(shown).toEqual([
        'Anomaly scores of each kind of picture',
        'ROC curve',
        'Precision-recall curve',
      ]);
      await page.context().close();
    }
  });

  it('is dark where the reader’s machine is, and light on paper all the same', async () => {
    const page = await open('usual', { viewport: sizes.desktop, colorScheme: 'dark' });
    const ground = () => page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    expect(await ground()).toBe('rgb(18, 22, 26)');
    await page.emulateMedia({ media: 'print' });
    expect(await ground()).toBe('rgb(255, 255, 255)');
    await page.context().close();
  });

  it('prints on a few pages of A4', async () => {
    const page = await open('usual', {});
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    const pages = pdf.match(/\/Type \/Page\b(?!s)/g) ?? [];
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.length).toBeLessThanOrEqual(10);
    const [, , width, height] = /\/MediaBox \[([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+)\]/
      .exec(pdf)!
      .slice(1)
      .map(Number);
    expect([Math.round(width), Math.round(height)]).toEqual([
      expect.closeTo(595, -0.5),
      expect.closeTo(842, -0.5),
    ]);
    await page.context().close();
  });

  it('is read without a script, and by keyboard', async () => {
    const page = await open('usual', { javaScriptEnabled: false, viewport: sizes.desktop });
    expect(await page.locator('main').innerText()).toContain('Of 1,000 good parts');
    await page.keyboard.press('Tab');
    expect(
      await page
        .locator('a.skip')
        .evaluate((link) => (link as { matches(s: string): boolean }).matches(':focus')),
    ).toBe(true);
    expect((await page.locator('a.skip').boundingBox())!.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#main$/);
    await page.locator('details summary').first().click();
    expect(await page.locator('#score-table').isVisible()).toBe(true);
    await page.context().close();
  });
});
