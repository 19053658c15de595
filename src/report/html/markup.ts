import { html, raw } from 'hono/html';

/** HTML that is safe to put into a page. */
export type Markup = ReturnType<typeof raw>;

/** What a template takes: text is escaped, markup is not; `false` and what is missing leave nothing. */
export type Part = string | number | boolean | null | undefined | Markup | readonly Part[];

/**
 * A template of HTML: every text put into it is escaped, for content and for quoted attributes, so that a file
 * named `<script>` stays a name. Attributes must stand in double quotes.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  // A promise comes only of promises and callbacks, which Part leaves out.
  return html(strings, ...parts) as Markup;
}

/** Markup made elsewhere (an SVG drawing, a style sheet of our own), put in as it is; never text from outside. */
export function trusted(text: string): Markup {
  return raw(text);
}
