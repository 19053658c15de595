import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const bare = (text: string): string => text.replaceAll(/\s+/g, '').replaceAll(',)', ')');

/** Of each paragraph or table: the source files it names and the pieces of code it quotes. */
function quotations(page: string) {
  return page.split(/\n(?=[A-Za-z])/).map((part) => {
    const code = [...part.matchAll(/``(.+?)``|`([^`]+)`/g)].map(([, long, short]) => long ?? short);
    return {
      files: code.filter((text) => /^src\/\S+\.ts$/.test(text)),
      lines: code.filter((text) => /[(=]/.test(text)),
    };
  });
}

describe('docs/cs-flow.md quotes the code as it is', () => {
  const parts = quotations(read('docs/cs-flow.md')).filter(({ files }) => files.length > 0);

  it('names files that exist, and lines that stand in them', () => {
    for (const { files, lines } of parts) {
      const sources = files.map((file) => bare(read(file)));
      for (const line of lines) {
        expect(
          sources.some((source) => source.includes(bare(line))),
          `${line} in ${files.join(', ')}`,
        ).toBe(true);
      }
    }
    expect(parts.flatMap(({ lines }) => lines).length).toBeGreaterThan(15);
  });
});
