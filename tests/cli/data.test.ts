import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csflow, csflowJson, temporaryFolder } from './command.js';

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, 'parts');
  await csflowJson(['sample-data', data, '--size', '96', '--train', '30', '--test', '6', '--defects', '3']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('csflow data', () => {
  it('gives the facts as one JSON object', async () => {
    expect(await csflowJson(['data', data])).toMatchObject({
      data,
      layout: 'mvtec',
      split: 'group',
      division: 'as the folders train/ and test/ say',
      images: 45,
      classes: [
        { class: 'good', label: 'good', training: 30, test: 6 },
        { class: 'missing', label: 'defective', training: 0, test: 3 },
        { class: 'scratch', label: 'defective', training: 0, test: 3 },
        { class: 'stain', label: 'defective', training: 0, test: 3 },
      ],
      sizes: [{ width: 96, height: 96, count: 45 }],
      kinds: [{ kind: '8-bit colour png', count: 45 }],
      parts: { known: false, count: 45, training: 30, test: 15 },
      masks: { defective: 9, with_mask: 9, missing: 0, empty: 0, other_size: 0, unreadable: 0 },
      same_content: [],
      alike_in_training_and_test: [],
      unreadable: [],
      warnings: [],
    });
  });

  it('says them in words', async () => {
    const { stdout, stderr, code } = await csflow(['data', data]);
    expect(code).toBe(0);
    for (const line of [
      /^layout +MVTec AD/m,
      /^pictures +45: 30 good ones for training, 6 good and 9 defective ones for the test$/m,
      /^sizes +96 × 96 \(45\)$/m,
      /^masks +9 of 9 defective pictures have one$/m,
      /^same file +none/m,
      /^alike +no test pictures look like one in training \(different parts commonly have .*: too alike to tell/m,
      /^class +training +test$/m,
      /^good +30 +6$/m,
      /^stain +– +3$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    expect(stdout).not.toMatch(/warning/);
    expect(stderr).toMatch(/looking .*45\/45/);
    expect((await csflow(['data', data, '--quiet'])).stderr).toBe('');
  });

  it('warns of a training picture in the test, in words and in JSON', async () => {
    const leaky = join(folder, 'leaky');
    for (const name of ['good', 'bad']) await mkdir(join(leaky, name), { recursive: true });
    for (let i = 0; i < 12; i++) {
      const name = `0${String(i).padStart(2, '0')}.png`;
      await writeFile(join(leaky, 'good', name), await readFile(join(data, 'train', 'good', name)));
    }
    await writeFile(join(leaky, 'good', 'z.png'), await readFile(join(leaky, 'good', '000.png')));
    await writeFile(join(leaky, 'bad', 'no.png'), 'no picture');
    const { stdout, code } = await csflow(['data', leaky]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^warning: 1 picture of the test set is in training too, .*good.000\.png is good.z\.png/m,
    );
    expect(stdout).toMatch(/^warning: 1 picture cannot be read: .*bad.no\.png/m);
    const { warnings } = (await csflowJson(['data', leaky])) as {
      warnings: { code: string; files: string[] }[];
    };
    expect(warnings.map(({ code: of }) => of)).toEqual([
      'same-picture-in-training-and-test',
      'unreadable-pictures',
    ]);
    expect(warnings[0].files).toEqual([join(leaky, 'good', '000.png'), join(leaky, 'good', 'z.png')]);
  });

  it('takes patterns, several of them, and parts', async () => {
    const patterns = [
      '--good',
      'train/good/*',
      '--good',
      'test/good/*',
      '--defective',
      'test/{stain,scratch}/*',
    ];
    const result = await csflowJson(['data', data, ...patterns, '--group', '(\\d\\d)\\.png$']);
    expect(result).toMatchObject({ layout: 'patterns', images: 42, parts: { known: true, count: 30 } });
    expect(result.skipped_reasons).toContainEqual({
      reason: 'no pattern of good or defective images takes it in',
      count: 3,
    });
  });

  it('takes a manifest, and names its wrong lines', async () => {
    const manifest = join(folder, 'list.csv');
    await writeFile(manifest, 'path,label\nparts/train/good/000.png,good\nparts/test/stain/000.png,stain\n');
    const { stderr, code } = await csflow(['data', manifest]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/list\.csv: 1 line cannot be used[^]*line 3: label: .*got "stain"/);
    await writeFile(manifest, 'path,label\nparts/train/good/000.png,good\nparts/test/stain/000.png,ng\n');
    expect(await csflowJson(['data', manifest])).toMatchObject({ layout: 'manifest', images: 2 });
  });
});
