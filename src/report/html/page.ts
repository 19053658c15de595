import { markup, trusted, type Markup, type Part } from './markup.js';
import { style } from './style.js';

export interface Section {
  /** Of the section's heading, unique in the page. */
  readonly id: string;
  readonly title: string;
  readonly content: Part;
}

export interface PageOptions {
  readonly title: string;
  readonly subtitle: Part;
  /** Before the table of contents. */
  readonly opening: Part;
  readonly sections: readonly Section[];
  readonly footer: Part;
}

/** Nothing may be loaded and no script run, whatever stands in the page. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** A whole HTML document that needs nothing beside itself. */
export function page({ title, subtitle, opening, sections, footer }: PageOptions): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<h1>${title}</h1>
<p class="muted">${subtitle}</p>
</header>
<main id="main" tabindex="-1">
${opening}
<nav aria-label="Sections">
<ul>${sections.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul>
</nav>
${sections.map(section)}
</main>
<footer>${footer}</footer>
</body>
</html>
`.toString();
}

function section({ id, title, content }: Section): Markup {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>
`;
}
