import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentDigest } from '#csflow/data/content-digest.js';
import { openDataset } from '#csflow/data/layouts/open-dataset.js';
import { readOnnxMetadata, withOnnxMetadata } from '#csflow/graph/index.js';
import { csflow, csflowJson, temporaryFolder } from './command.js';

/**
 * No test picture and no mask has a part in training, in the choice of anything or in the threshold: `train` does not
 * open them, and gives the same model whatever they hold.
 */
let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hook = new URL('./record-reads.mjs', import.meta.url).href;

async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** The files that a run of `csflow` with these arguments opened. */
async function readsOf(args: readonly string[], log: string): Promise<readonly string[]> {
  const before = { ...process.env };
  Object.assign(process.env, { NODE_OPTIONS: `--import=${hook}`, CSFLOW_TEST_READS: log });
  try {
    const { code, stderr } = await csflow(args);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
  } finally {
    for (const name of ['NODE_OPTIONS', 'CSFLOW_TEST_READS']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
  return (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
}

const settings = ['--preset', 'tiny', '--epochs', '5', '--seed', '2', '--no-cache', '--quiet'];
const trainArgs = (data: string, out: string): string[] => ['train', data, '--out', out, ...settings];

/** A digest of the graph with its weights, and all that the file says of itself but how long it took. */
async function contentOf(model: string): Promise<{ graph: string; metadata: Record<string, unknown> }> {
  const bytes = await readFile(model);
  const metadata = readOnnxMetadata(bytes, model);
  const { seconds, ...training } = JSON.parse(metadata['csflow.training']) as { seconds: number };
  expect(seconds).toBeGreaterThan(0);
  return {
    graph: contentDigest(withOnnxMetadata(bytes, {}, model)),
    metadata: { ...metadata, 'csflow.training': training },
  };
}

/** What cannot be taken for a picture: noise, nothing, a start of a PNG. */
const garbage = [
  Buffer.from('\x89PNG\r\n\x1a\n then nothing of the kind'),
  Buffer.alloc(0),
  Buffer.alloc(999, 0xa5),
];

describe.each(['MVTec AD', 'a plain folder'])('train on %s', (layout) => {
  let data: string;
  /** Test pictures and masks. */
  let hidden: string[];
  let shown: string[];
  let intact: string;

  beforeAll(async () => {
    const drawn = join(folder, `drawn-${layout.length}`);
    await csflowJson([
      'sample-data',
      drawn,
      '--size',
      '64',
      '--train',
      '30',
      '--test',
      '5',
      '--defects',
      '3',
      '--quiet',
    ]);
    data = layout === 'MVTec AD' ? drawn : join(drawn, 'train', 'good');
    const { images } = await openDataset(data);
    const masks = images.flatMap(({ maskPath }) => maskPath ?? []);
    hidden = [...images.filter(({ split }) => split === 'test').map(({ path }) => path), ...masks];
    shown = images.filter(({ split }) => split === 'train').map(({ path }) => path);
    expect([hidden.length, shown.length]).toEqual(layout === 'MVTec AD' ? [5 + 9 + 9, 30] : [6, 24]);
    intact = join(folder, `intact-${layout.length}.onnx`);
    await csflowJson(trainArgs(data, intact));
  });

  async function copyWith(name: string, content: (i: number) => Promise<Buffer> | Buffer): Promise<string> {
    const copy = join(folder, name);
    await cp(data, copy, { recursive: true });
    for (const [i, path] of hidden.entries()) await writeFile(path.replace(data, copy), await content(i));
    return copy;
  }

  it.each([
    ['garbage', (i: number) => garbage[i % garbage.length]],
    ['the training pictures themselves', (i: number) => readFile(shown[i % shown.length])],
  ])(
    'opens no test picture and no mask where all are %s, and gives the same model',
    async (what, content) => {
      const name = `${what.length}-${layout.length}`;
      const copy = await copyWith(name, content);
      const out = join(folder, `${name}.onnx`);
      const reads = await readsOf(trainArgs(copy, out), join(folder, `${name}.log`));
      const read = new Set(reads.filter((path) => path.startsWith(copy + sep)));
      expect(read).toEqual(new Set(shown.map((path) => path.replace(data, copy))));
      expect(await contentOf(out)).toEqual(await contentOf(intact));
    },
  );

  it('opens none either when it goes on with more pictures, and keeps those of before', async () => {
    const copy = await copyWith(`more-${layout.length}`, (i) => garbage[i % garbage.length]);
    const place = join(copy, layout === 'MVTec AD' ? 'train/good' : '.');
    for (const [i, path] of shown.slice(0, 4).entries()) {
      // Other bytes, so that they are new; their names sort before all others.
      await writeFile(join(place, `! ${i}.png`), Buffer.concat([await readFile(path), Buffer.alloc(i + 1)]));
    }
    const out = join(folder, `more-${layout.length}.onnx`);
    const args = ['train', copy, '--from', intact, '--out', out, '--epochs', '1', '--no-cache', '--quiet'];
    const reads = await readsOf(args, join(folder, `reads-more-${layout.length}.log`));
    const read = new Set(reads.filter((path) => path.startsWith(copy + sep)));
    const added = [0, 1, 2, 3].map((i) => join(place, `! ${i}.png`));
    expect(read).toEqual(new Set([...shown.map((path) => path.replace(data, copy)), ...added]));
  });

  it('leaves the threshold as training has set it when the test set is evaluated', async () => {
    if (layout !== 'MVTec AD') return;
    const before = contentDigest(await readFile(intact));
    const few = join(folder, 'few');
    await mkdir(few);
    await cp(data, few, { recursive: true });
    for (const path of await filesBelow(join(few, 'test', 'stain'))) await rm(path);
    const thresholds = [];
    for (const set of [data, few]) {
      const { threshold, images } = await csflowJson(['evaluate', intact, set]);
      thresholds.push([threshold, images]);
    }
    const stored = (await csflowJson(['info', intact])).threshold as { value: number };
    expect(thresholds).toEqual([
      [stored.value, 14],
      [stored.value, 11],
    ]);
    expect(contentDigest(await readFile(intact))).toBe(before);
  });
});

describe('train on KolektorSDD, whose masks alone tell which pictures are good', () => {
  it('opens no test picture, and gives the same model where those and their masks are garbage', async () => {
    const drawn = join(folder, 'for-kolektor');
    const counts = ['--train', '36', '--test', '1', '--defects', '1'];
    await csflowJson(['sample-data', drawn, '--size', '64', ...counts, '--quiet']);
    const pictures = (await filesBelow(join(drawn, 'train', 'good'))).filter((path) => path.endsWith('.png'));
    const data = join(folder, 'kolektor');
    const plain = (side: number, background: string) => ({
      create: { width: side, height: side, channels: 3, background } as const,
    });
    const empty = await sharp(plain(64, 'black')).png().toBuffer();
    const spot = { input: plain(9, 'white'), left: 20, top: 20 };
    const marked = await sharp(plain(64, 'black')).composite([spot]).png().toBuffer();
    for (const [i, picture] of pictures.entries()) {
      const part = join(data, `kos${String(Math.floor(i / 6) + 1).padStart(2, '0')}`);
      await mkdir(part, { recursive: true });
      await writeFile(join(part, `Part${i % 6}.jpg`), await sharp(picture).jpeg().toBuffer());
      await writeFile(join(part, `Part${i % 6}_label.png`), i % 6 === 5 ? marked : empty);
    }
    const out = ['intact', 'garbage'].map((name) => join(folder, `kolektor-${name}.onnx`));
    expect(await csflowJson(trainArgs(data, out[0]))).toMatchObject({ test_images: 12 });
    // Of six parts the first and the last by name are test.
    const hidden = (await filesBelow(data)).filter((path) => /kos0[16]/.test(path));
    expect(hidden).toHaveLength(24);
    for (const [i, path] of hidden.entries()) await writeFile(path, garbage[i % garbage.length]);
    const reads = await readsOf(trainArgs(data, out[1]), join(folder, 'kolektor.log'));
    const opened = new Set(reads.filter((path) => path.startsWith(data + sep) && path.endsWith('.jpg')));
    const learned = Array.from({ length: 4 * 5 }, (_, i) =>
      join(data, `kos0${Math.floor(i / 5) + 2}`, `Part${i % 5}.jpg`),
    );
    expect(opened).toEqual(new Set(learned));
    // Pictures whose masks cannot be read count as skipped and are no known test parts; nothing else differs.
    const [intact, spoilt] = (await Promise.all(out.map(contentOf))).map(({ graph, metadata }) => {
      const { skipped, parts, ...others } = JSON.parse(String(metadata['csflow.data'])) as {
        skipped: number;
        parts: { train: readonly string[] };
      };
      const data = { ...others, learned: parts.train };
      return { skipped, content: { graph, metadata: { ...metadata, 'csflow.data': data } } };
    });
    expect([intact.skipped, spoilt.skipped]).toEqual([4, 16]);
    expect(spoilt.content).toEqual(intact.content);
  });
});

describe('the record of what is read', () => {
  it('notes every way of opening a file that the program uses', async () => {
    const log = join(folder, 'ways.log');
    const program = `
      import fs, { createReadStream, openSync, readFileSync } from 'node:fs';
      import { open, readFile } from 'node:fs/promises';
      import sharp from 'sharp';
      const quiet = () => undefined;
      await open('1').catch(quiet);
      await readFile('2').catch(quiet);
      await sharp('3').metadata().catch(quiet);
      createReadStream('4').on('error', quiet);
      try { openSync('5'); } catch {}
      try { readFileSync('6'); } catch {}
      await fs.promises.readFile('7').catch(quiet);`;
    const args = ['--import', hook, '--input-type=module', '-e', program];
    await promisify(execFile)(process.execPath, args, { env: { ...process.env, CSFLOW_TEST_READS: log } });
    const noted = (await readFile(log, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string);
    for (const name of ['1', '2', '3', '4', '5', '6', '7']) expect(noted).toContain(name);
  });
});
