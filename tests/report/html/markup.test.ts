import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markup, trusted } from '#csflow/report/html/markup.js';

fc.configureGlobal({ seed: 2022 });

describe('markup', () => {
  it('escapes text in content and in attributes, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const made = markup`<p title="${text}">${text}</p>`.toString();
        const inner = made.slice('<p title="'.length, -'</p>'.length);
        expect(inner.replaceAll('">', '')).not.toMatch(/[<"]/);
        expect(inner).not.toContain("'");
      }),
    );
    expect(markup`<i>${'</i><script>alert("1")</script>'}</i>`.toString()).toBe(
      '<i>&lt;/i&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</i>',
    );
  });

  it('puts markup into markup once, lists item by item, and nothing for what is missing', () => {
    const items = ['a', '<b>'].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${false}${null}${undefined}${0}${trusted('<hr>')}`.toString()).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>0<hr>',
    );
  });
});
