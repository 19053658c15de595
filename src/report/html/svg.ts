import { plot, type PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { trusted, type Markup } from './markup.js';

/** What is used of the DOM; the project's other files know none. */
interface SvgElement {
  readonly outerHTML: string;
  readonly firstChild: SvgElement | null;
  textContent: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  insertBefore(child: SvgElement, before: SvgElement | null): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  remove(): void;
}

interface SvgDocument {
  createElementNS(namespace: string, name: string): SvgElement;
}

/** What a plot says to those who do not see it. */
export interface TextAlternative {
  readonly title: string;
  readonly description: string;
}

/**
 * A plot of Observable Plot as an SVG that stands in the page: drawn without a browser, in the page's colours
 * (`currentColor` and CSS variables), one image to screen readers.
 * @param id unique in the page
 */
export function drawPlot(id: string, { title, description }: TextAlternative, options: PlotOptions): Markup {
  const document = (
    parseHTML('<!doctype html><html><body></body></html>') as unknown as {
      document: SvgDocument;
    }
  ).document;
  const svg = plot({ ...options, document }) as unknown as SvgElement;
  // Its style sheet is in the page once, see style.ts.
  for (const style of svg.querySelectorAll('style')) style.remove();
  for (const labelled of svg.querySelectorAll('[aria-label]')) labelled.removeAttribute('aria-label');
  svg.setAttribute('class', 'plot');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${id}-title ${id}-description`);
  const before = svg.firstChild;
  for (const [name, text] of [
    ['title', title],
    ['desc', description],
  ] as const) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    element.setAttribute('id', `${id}-${name === 'desc' ? 'description' : name}`);
    element.textContent = text;
    svg.insertBefore(element, before);
  }
  return trusted(svg.outerHTML);
}
