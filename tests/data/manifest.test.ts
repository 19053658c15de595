import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset, type OpenDatasetOptions } from '#csflow/data/layouts/open-dataset.js';
import { UsageError, UserError } from '#csflow/errors.js';
import { drawnDatasets, emptyFiles, isTest, namesOf, numbered, rowsOf, skippedIn } from './drawn-dataset.js';

const { drawn } = await drawnDatasets();
const pictures = ['a.png', 'b.png', 'sub/c.png', 'd.png', 'masks/d.png', 'e f.png'];

async function opened(
  content: string | Buffer,
  name = 'list.csv',
  options?: OpenDatasetOptions,
  names: readonly string[] = pictures,
) {
  const root = await drawn({ ...emptyFiles(names), [name]: content });
  return openDataset(join(root, name), options);
}

const rows = [
  'a.png: good good train of p1',
  'd.png: defective crack test of p3 [masks/d.png]',
  'sub/c.png: good good test of p2',
];

describe('a manifest', () => {
  it.each([
    [
      'commas',
      'path,label,split,class,group,mask\na.png,good,train,,p1,\nsub/c.png,ok,test,,p2,\nd.png,NG,test,crack,p3,masks/d.png\n',
    ],
    [
      'semicolons, Windows',
      '\uFEFFPath;Label;Split;Class;Group;Mask\r\na.png;good;Train;;p1;\r\nsub\\c.png;OK;test;;p2;\r\n\r\n"d.png";defective;test;crack;p3;masks\\d.png\r\n',
    ],
    [
      'tabs, spaces and another order',
      'label\tpath\tgroup\tsplit\tmask\tclass\n good \ta.png\tp1\ttrain\t\t\nnormal\t./sub/c.png\tp2\ttest\t\t\nbad\td.png\tp3\ttest\tmasks/d.png\tcrack',
    ],
  ])('as CSV with %s', async (_, content) => {
    const dataset = await opened(content);
    expect(dataset.layout).toBe('manifest');
    expect(rowsOf(dataset)).toEqual(rows);
    expect(dataset.division).toBe('as the column split of list.csv says');
    expect([dataset.skipped, dataset.notes]).toEqual([[], []]);
  });

  it('as JSONL', async () => {
    const lines = [
      { path: 'a.png', label: 'good', split: 'train', group: 'p1' },
      { path: 'sub/c.png', label: 'good', split: 'test', group: 'p2', mask: null },
      { path: 'd.png', label: 'defective', split: 'test', group: 'p3', class: 'crack', mask: 'masks/d.png' },
    ];
    expect(rowsOf(await opened(lines.map((line) => JSON.stringify(line)).join('\n'), 'l.jsonl'))).toEqual(
      rows,
    );
  });

  it('quotes hold separators, quotes and line breaks; the numbers of lines stay right', async () => {
    const content = 'path,label,class\n"e f.png",bad,"a, ""b""\nc"\na.png,good,\nb.png,what,\n';
    await expect(opened(content)).rejects.toThrow(/1 line cannot be used[^]*line 5: label: .*got "what"/);
    const classes = (await opened(content.replace('what', 'good'))).images.map((i) => i.defectClass);
    expect(classes).toContain('a, "b"\nc');
  });

  it('paths outside its folder and absolute ones', async () => {
    const root = await drawn(emptyFiles(['photos/a.png', 'photos/b.png']));
    await mkdir(join(root, 'lists'));
    const path = join(root, 'lists', 'all.csv');
    await writeFile(path, `path,label\n../photos/a.png,good\n${join(root, 'photos', 'b.png')},good\n`);
    const { images } = await openDataset(path);
    expect(images.map((image) => image.path)).toEqual(
      ['a.png', 'b.png'].map((name) => join(root, 'photos', name)),
    );
  });

  it('in a folder, as manifest.csv or manifest.jsonl, comes before any layout', async () => {
    const root = await drawn({
      ...emptyFiles(['train/good/0.png', 'test/crack/1.png', 'more.png']),
      'manifest.csv': 'path,label\ntrain/good/0.png,good\nmore.png,good\n',
    });
    const dataset = await openDataset(root);
    expect(dataset.layout).toBe('manifest');
    expect(skippedIn(dataset)).toEqual({ 'test/crack/1.png': 'not named in manifest.csv' });
  });

  it('without splits every fifth good picture is test, and so are the defective ones', async () => {
    const names = numbered(11, (i) => `${i}.png`);
    const content = ['path,label', ...names.map((name) => `${name},good`), 'x.png,bad'].join('\n');
    const dataset = await opened(content, 'list.csv', {}, [...names, 'x.png']);
    expect(namesOf(dataset, isTest)).toEqual(['000.png', '005.png', '010.png', 'x.png']);
  });

  it('parts by --group where it names none; else the pattern is refused', async () => {
    const names = numbered(12, (i) => `p${i[2]}_${i}.png`);
    const list = (column: string) =>
      [`path,label${column && ',group'}`, ...names.map((name) => `${name},good${column}`)].join('\n');
    const options = { groupPattern: /^p\d/ };
    const dataset = await opened(list(''), 'list.csv', options, names);
    expect(new Set(dataset.images.filter(isTest).map((image) => image.group))).toEqual(new Set(['p0', 'p5']));
    const refused = opened(list(',x'), 'list.csv', options, names);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/names the groups already; got \/\^p\\d\/, leave --group out/);
  });

  it('training pictures of a tested part and defective ones are left out', async () => {
    const content =
      'path,label,split,group\na.png,good,train,p1\nb.png,good,test,p1\nsub/c.png,bad,train,p2\nd.png,good,train,p4\n';
    const dataset = await opened(content);
    expect(namesOf(dataset, () => true)).toEqual(['b.png', 'd.png']);
    expect(skippedIn(dataset)).toEqual({
      'a.png': expect.stringContaining('part "p1" is in the test set too') as string,
      'sub/c.png': expect.stringContaining('training takes good images only') as string,
    });
  });

  it('says which columns it does not use', async () => {
    const dataset = await opened('path,label,operator,grp\na.png,good,me,1\n');
    expect(dataset.notes).toEqual([expect.stringMatching(/not used: operator, grp/)]);
  });
});

describe('every wrong line is named with its number', () => {
  it('in CSV', async () => {
    const content = [
      'path,label,split',
      'a.png,good,train',
      ',good,train',
      'b.png,fine wine,train',
      'sub/c.png,good,validation',
      'nowhere.png,good,test',
      './a.png,good,train',
      'd.png,good,train,extra',
      'masks,good,train',
      'b.png',
    ].join('\n');
    const error: unknown = await opened(content).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    const lines = (error as UserError).message.split('\n');
    expect(lines[0]).toMatch(/list\.csv: 8 lines cannot be used; expected columns path and label/);
    expect(lines.slice(1)).toEqual([
      '  line 3: path: expected a value, got none',
      expect.stringMatching(/^ {2}line 4: label: expected good or defective .*, got "fine wine"$/),
      '  line 5: split: expected train or test, got "validation"',
      '  line 6: path: nowhere.png: there is no such file',
      '  line 7: path: ./a.png is in line 2 already',
      '  line 8: 4 values where the header names 3 columns',
      '  line 9: path: masks: this is no file',
      '  line 10: label: expected a value, got none',
    ]);
  });

  it('in JSONL', async () => {
    const content =
      '{"path": "a.png", "label": "good"}\n\n[1]\n{"path": "b.png", \n{"path": 7, "label": "good"}\n';
    await expect(opened(content, 'l.jsonl')).rejects.toThrow(
      /3 lines cannot be used[^]*line 3: expected a JSON object[^]*line 4: no JSON[^]*line 5: path: expected a text/,
    );
  });

  it('many of them: the first twenty with their reason, the others by number', async () => {
    const content = ['path,label', ...numbered(25, (i) => `${i}.png,good`)].join('\n');
    await expect(opened(content)).rejects.toThrow(
      /25 lines cannot be used[^]*line 21: path[^]*and so on in 5 more lines: 22, 23, 24, 25, 26$/,
    );
  });
});

describe('tables that are none', () => {
  it.each([
    ['no row', 'path,label\n', /the table has no row/],
    ['empty', '', /the table has no row/],
    ['an open quote', 'path,label\n"a.png,good\n', /this is no CSV .*check the quotes/],
    [
      'another encoding',
      Buffer.from('path,label\nB\xfcgel.png,good\n', 'latin1'),
      /not in UTF-8; save it as UTF-8/,
    ],
    ['no column of labels', 'path\na.png\n', /line 2: label: expected a value, got none/],
  ])('%s', async (_, content, message) => {
    await expect(opened(content)).rejects.toThrow(message);
  });

  it('a manifest and patterns, a file of another kind', async () => {
    await expect(opened('path,label\na.png,good\n', 'list.csv', { good: ['*'] })).rejects.toThrow(
      /either a manifest or patterns/,
    );
    await expect(opened('path,label\na.png,good\n', 'list.txt')).rejects.toThrow(
      /this is a file; .*manifest/,
    );
  });
});
