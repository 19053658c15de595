import { markup, type Markup, type Part } from './markup.js';

export interface Column {
  readonly head: Part;
  /** Numbers are aligned at their end. */
  readonly numeric?: boolean;
}

export interface TableOptions {
  /** Unique in the page. */
  readonly id: string;
  readonly caption: Part;
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Part[])[];
}

/** A table that scrolls by itself where it is too wide, also by keyboard, so that the page never does. */
export function dataTable({ id, caption, columns, rows }: TableOptions): Markup {
  const numeric = (column: number): Part => columns[column].numeric && markup` class="number"`;
  return markup`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}"><span>${caption}</span></caption>
<thead><tr>${columns.map(({ head }, i) => markup`<th scope="col"${numeric(i)}>${head}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    markup`<tr>${row.map((cell, i) =>
      i === 0 ? markup`<th scope="row"${numeric(i)}>${cell}</th>` : markup`<td${numeric(i)}>${cell}</td>`,
    )}</tr>\n`,
)}</tbody>
</table>
</div>`;
}

/** What something is, line by line. */
export interface Fact {
  readonly name: string;
  readonly value: Part;
}

export function factTable(id: string, caption: Part, facts: readonly Fact[]): Markup {
  return markup`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table class="facts">
<caption id="${id}"><span>${caption}</span></caption>
<tbody>
${facts.map(({ name, value }) => markup`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`)}</tbody>
</table>
</div>`;
}

/** Open at a click, without a script. */
export function details(summary: Part, content: Part): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}
