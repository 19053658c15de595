import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readCsv } from '#csflow/cli/watch/csv.js';
import { drawScene, type Scene } from '#csflow/data/sample-data/scene.js';
import { renderPart } from '#csflow/data/sample-data/render-part.js';
import { NumpyRandom } from '#csflow/tensor/numpy-random.js';
import { csflow, csflowJson, startCsflow, temporaryFolder } from '../command.js';

/** `csflow predict --watch` as a user runs it, on drawn parts with the smallest model. */
let folder: string;
let data: string;
let model: string;
const size = 128;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = join(folder, 'data');
  model = join(folder, 'parts.onnx');
  const drawn = ['--size', String(size), '--train', '160', '--test', '12', '--defects', '2'];
  await csflowJson(['sample-data', data, ...drawn]);
  const settings = ['--preset', 'tiny', '--seed', '3', '--false-reject', '0.05'];
  await csflowJson(['train', data, '--out', model, ...settings], { cache: join(folder, 'cache') });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function watchedFolder(): Promise<{ photos: string; csv: string; heatmaps: string }> {
  const root = join(folder, `watch-${count++}`);
  await mkdir(join(root, 'photos'), { recursive: true });
  return { photos: join(root, 'photos'), csv: join(root, 'verdicts.csv'), heatmaps: join(root, 'heatmaps') };
}

interface Running {
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  /** Ctrl-C, or another signal. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Started, and ready for what arrives. */
async function startWatch(photos: string, ...more: string[]): Promise<Running> {
  return running(startCsflow(['predict', model, '--watch', photos, ...more]));
}

async function running(child: ChildProcess): Promise<Running> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  await vi.waitFor(() => expect(stderr).toContain('watching '), { timeout: 60_000 });
  return {
    output: () => ({ stdout, stderr }),
    async end(signal = 'SIGINT') {
      child.kill(signal);
      return (await closed)[0];
    },
  };
}

async function rowsOf(csv: string): Promise<Record<string, string>[]> {
  const { records } = readCsv(await readFile(csv));
  const [columns, ...rows] = records;
  return rows.map((row) => Object.fromEntries(row.map((field, i) => [columns[i], field])));
}

const untilRows = (csv: string, wanted: number) =>
  vi.waitFor(
    async () => {
      const rows = await rowsOf(csv);
      expect(rows.length).toBeGreaterThanOrEqual(wanted);
      return rows;
    },
    { timeout: 60_000, interval: 100 },
  );

const goodPhoto = (i: number): string => join(data, 'test', 'good', `${String(i).padStart(3, '0')}.png`);
const defect = (): string => join(data, 'test', 'missing', '000.png');

describe('predict --watch', () => {
  it('judges what is there and what arrives, half-written, renamed, in sub-folders, under any name', async () => {
    const { photos, csv, heatmaps } = await watchedFolder();
    await copyFile(goodPhoto(0), join(photos, 'there.png'));
    const more = ['--csv', csv, '--heatmaps', heatmaps, '--wait', '1'];
    const { end, output } = await startWatch(photos, ...more);
    await writeFile(join(photos, 'phone.heic'), 'a photo of a kind that is not read');
    const names = ['a,b.png', 'say "hi".png', 'two\nlines.png', 'ü 🙂.png', 'sub/c.png'];
    await mkdir(join(photos, 'sub'));
    for (const [i, name] of names.entries()) {
      const content = await readFile(goodPhoto(i + 1));
      const file = await open(join(photos, `${name}.part`), 'w');
      await file.write(content.subarray(0, 1000));
      await file.write(content.subarray(1000));
      await file.close();
      await rename(join(photos, `${name}.part`), join(photos, name));
    }
    await copyFile(defect(), join(photos, 'defect.png'));
    await writeFile(join(photos, 'broken.jpg'), 'no picture');
    const rows = await untilRows(csv, 8);
    expect(await end()).toBe(0);

    expect(rows.map(({ path }) => path).sort()).toEqual(
      [...names, 'there.png', 'defect.png', 'broken.jpg'].sort(),
    );
    const row = (path: string) => rows.find((one) => one.path === path)!;
    expect(row('broken.jpg')).toMatchObject({
      verdict: 'failed',
      score: '',
      reason: expect.stringContaining('no image') as string,
    });
    const direct = await csflowJson(['predict', model, defect()]);
    expect(row('defect.png')).toMatchObject({
      score: String(direct.score),
      p_value: String(direct.p_value),
      verdict: direct.defective ? 'defective' : 'good',
    });
    expect(Number(row('sub/c.png').bytes)).toBe((await stat(goodPhoto(5))).size);
    expect(existsSync(join(heatmaps, 'sub', 'c.png.png'))).toBe(true);
    expect(output().stderr).toContain('phone.heic: files ending in .heic are not judged; expected .jpg');
    // Fifteen per cent of the 160 pictures calibrate.
    expect(output().stderr).toMatch(/drift check: against 2\d scores of good parts\n/);
    expect(
      output()
        .stdout.trim()
        .split('\n')
        .filter((line) => /^(good|DEFECTIVE)/.test(line)),
    ).toHaveLength(7);
    const counted = rows.filter(({ verdict }) => verdict === 'defective').length;
    expect(output().stderr).toContain(
      `ended: 7 photos judged: ${7 - counted} good, ${counted} defective; 1 photo could not be judged`,
    );
  });

  it('goes on from its CSV after a crash: a torn line is mended, nothing is judged twice, what changed is judged anew', async () => {
    const { photos, csv } = await watchedFolder();
    for (let i = 0; i < 4; i++) await copyFile(goodPhoto(i), join(photos, `${i}.png`));
    const first = await startWatch(photos, '--csv', csv);
    await untilRows(csv, 4);
    await first.end('SIGKILL');
    const torn = (await rowsOf(csv))[3].path;
    await truncate(csv, (await stat(csv)).size - 30);

    await copyFile(goodPhoto(5), join(photos, '5.png'));
    const other = (await rowsOf(csv))[0].path;
    await copyFile(goodPhoto(6), join(photos, other));
    const second = await startWatch(photos, '--csv', csv);
    const rows = await untilRows(csv, 6);
    expect(await second.end()).toBe(0);
    expect(
      rows
        .slice(3)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([torn, other, '5.png'].sort());
    expect(second.output().stderr).toContain('its last line was cut off and is removed');
    expect(second.output().stderr).toContain('3 photos there now, 3 photos judged earlier');
    expect((await readFile(csv, 'utf8')).match(/^time,path/gm)).toHaveLength(1);

    // Started once more with nothing new, it writes nothing.
    const third = await startWatch(photos, '--csv', csv, '--json');
    expect(third.output().stderr).toContain('0 photos there now, 6 photos judged earlier');
    await third.end();
    expect([await rowsOf(csv), third.output().stdout]).toEqual([rows, '']);
  });

  it('refuses a CSV file that another watch writes to, or that has verdicts of another folder', async () => {
    const { photos, csv } = await watchedFolder();
    await copyFile(goodPhoto(0), join(photos, 'a.png'));
    const first = await startWatch(photos, '--csv', csv);
    await untilRows(csv, 1);
    const second = await csflow(['predict', model, '--watch', photos, '--csv', csv]);
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(
        /verdicts\.csv\.lock: another watch \(process \d+ on .*\) writes to this CSV file/,
      ),
    ]);
    expect(await first.end()).toBe(0);
    expect(existsSync(`${csv}.lock`)).toBe(false);

    const other = await watchedFolder();
    await copyFile(goodPhoto(0), join(other.photos, 'a.png'));
    const mixed = await csflow(['predict', model, '--watch', other.photos, '--csv', csv]);
    expect([mixed.code, mixed.stderr]).toEqual([1, expect.stringContaining('verdicts of another folder')]);
    // Another spelling of the same folder is the same folder.
    await symlink(photos, `${photos}-link`);
    const again = await startWatch(`${photos}-link`, '--csv', csv);
    expect(again.output().stderr).toContain('0 photos there now, 1 photo judged earlier');
    await again.end();
    expect(await rowsOf(csv)).toHaveLength(1);
  });

  it('goes on where a heatmap cannot be written', async () => {
    const { photos, csv, heatmaps } = await watchedFolder();
    await copyFile(goodPhoto(0), join(photos, 'a.png'));
    await writeFile(heatmaps, 'a file where the folder would be');
    const { end, output } = await startWatch(photos, '--csv', csv, '--heatmaps', heatmaps);
    await untilRows(csv, 1);
    await copyFile(goodPhoto(1), join(photos, 'b.png'));
    const rows = await untilRows(csv, 2);
    expect(await end()).toBe(0);
    expect(rows.map(({ path, verdict }) => [path, verdict === 'failed'])).toEqual([
      ['a.png', false],
      ['b.png', false],
    ]);
    expect(output().stderr).toMatch(/a\.png\.png: cannot be written .*\n[^]*b\.png\.png: cannot be written/);
    expect(output().stdout).not.toContain('→');
  });

  it('--json prints one object a line, and --new-only leaves out what is there', async () => {
    const { photos } = await watchedFolder();
    await copyFile(goodPhoto(0), join(photos, 'there.png'));
    const { end, output } = await startWatch(photos, '--json', '--new-only', '--wait', '0.5');
    await copyFile(goodPhoto(1), join(photos, 'new.png'));
    await vi.waitFor(() => expect(output().stdout.split('\n')).toHaveLength(2), { timeout: 60_000 });
    await writeFile(join(photos, 'broken.png'), 'x');
    await vi.waitFor(() => expect(output().stdout.split('\n')).toHaveLength(3), { timeout: 60_000 });
    expect(await end()).toBe(0);
    const [judged, failed] = output()
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(judged).toMatchObject({ path: join(photos, 'new.png'), drift_alarm: null });
    expect(judged.drift_evidence).toBeGreaterThan(0);
    expect(Object.keys(judged)).toEqual(expect.arrayContaining(['score', 'p_value', 'defective', 'seconds']));
    expect(failed).toEqual({
      path: join(photos, 'broken.png'),
      error: expect.stringContaining('no image') as string,
    });
  });

  it('ends with a clear error where the folder is taken away', async () => {
    const { photos, csv } = await watchedFolder();
    const child = startCsflow(['predict', model, '--watch', photos, '--csv', csv]);
    const closed = once(child, 'close') as Promise<[number]>;
    const { output } = await running(child);
    await rm(photos, { recursive: true });
    expect((await closed)[0]).toBe(1);
    expect(output().stderr).toContain('photos: the watched folder is gone');
    expect(output().stderr).toContain('ended by an error: 0 photos judged');
    expect(output().stderr).not.toMatch(/\n\s+at /);
  });

  it.skipIf(process.platform === 'win32')(
    'ends with a clear error where the disk is full, and leaves whole lines',
    async () => {
      const { photos, csv } = await watchedFolder();
      for (let i = 0; i < 12; i++) await copyFile(goodPhoto(i), join(photos, `${i}.png`));
      // Files may grow to two blocks, of 512 or 1024 bytes: the write that crosses that is cut short as on a full disk.
      const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
      const script = 'trap "" XFSZ; ulimit -f 2; exec "$@"';
      const child = spawn('sh', [
        '-c',
        script,
        'sh',
        process.execPath,
        main,
        'predict',
        model,
        '--watch',
        photos,
        '--csv',
        csv,
      ]);
      const closed = once(child, 'close') as Promise<[number]>;
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      expect((await closed)[0]).toBe(1);
      expect(stderr).toMatch(
        /verdicts\.csv: a verdict could not be written \(.*\); make room and start again/,
      );
      const { records, wholeBytes } = readCsv(await readFile(csv));
      expect(wholeBytes).toBe((await stat(csv)).size);
      expect(records.length).toBeGreaterThan(2);

      const again = await startWatch(photos, '--csv', csv);
      const rows = await untilRows(csv, 12);
      await again.end();
      expect(rows.map(({ path }) => path).sort()).toEqual((await readdir(photos)).sort());
    },
  );

  it('refuses a CSV file of another model, and heatmaps into the watched folder', async () => {
    const { photos, csv } = await watchedFolder();
    await copyFile(goodPhoto(0), join(photos, 'a.png'));
    const { end } = await startWatch(photos, '--csv', csv);
    await untilRows(csv, 1);
    await end();
    const text = await readFile(csv, 'utf8');
    const changed = text.replace(/,[0-9a-f]{16},/, ',0123456789abcdef,');
    expect(changed).not.toBe(text);
    await writeFile(csv, changed);
    const refused = await csflow(['predict', model, '--watch', photos, '--csv', csv]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('verdicts of another model')]);
    await symlink(photos, `${photos}-link`);
    for (const heatmaps of [photos, join(photos, 'heatmaps'), join(`${photos}-link`, 'new', 'heatmaps')]) {
      const looped = await csflow(['predict', model, '--watch', photos, '--heatmaps', heatmaps]);
      expect([looped.code, looped.stderr]).toEqual([
        2,
        expect.stringContaining('heatmaps: expected a folder outside the watched one'),
      ]);
    }
    const missing = await csflow(['predict', model, '--watch', join(photos, 'nothing')]);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('there is no such folder to watch'),
    ]);
  });
});

describe('predict --watch warns of a drift', () => {
  /** Photo `i` of good parts; the light changes by `drift`. */
  async function draw(path: string, i: number, drift: (scene: Scene) => Scene): Promise<void> {
    const scene = drift(drawScene(new NumpyRandom(50_000 + i)));
    const { data: pixels } = renderPart(scene, undefined, size).image;
    await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toFile(`${path}.part`);
    await rename(`${path}.part`, path);
  }
  const unchanged = (scene: Scene): Scene => scene;
  /** The lamp moves aside and fades. */
  const fading =
    (share: number) =>
    (scene: Scene): Scene => ({
      ...scene,
      exposure: scene.exposure * (1 - 0.4 * share),
      falloff: { x: scene.falloff.x + 0.3 * share, y: scene.falloff.y },
      warmth: scene.warmth + 0.1 * share,
    });

  it('in text, in the CSV and in JSON, once; not before the light changes, defective parts among the photos or not', async () => {
    const { photos, csv } = await watchedFolder();
    const first = await startWatch(photos, '--csv', csv, '--json');
    const calm = 60;
    const drifting = 80;
    for (let i = 0; i < calm; i++) await draw(join(photos, `${i}.png`), i, unchanged);
    for (const kind of ['missing', 'scratch', 'stain']) {
      await copyFile(join(data, 'test', kind, '000.png'), join(photos, `${kind}.png`));
      await copyFile(join(data, 'test', kind, '001.png'), join(photos, `${kind}-1.png`));
    }
    const before = await untilRows(csv, calm + 6);
    expect(before.filter(({ drift_alarm }) => drift_alarm !== '')).toEqual([]);
    expect(first.output().stderr).not.toContain('WARNING');

    for (let i = 0; i < drifting; i++) {
      await draw(join(photos, `drift-${i}.png`), calm + i, fading(Math.min(1, (i + 1) / 30)));
    }
    const rows = await untilRows(csv, calm + 6 + drifting);
    expect(await first.end()).toBe(0);
    const alarmed = rows.findIndex(({ drift_alarm }) => drift_alarm !== '');
    expect(alarmed).toBeGreaterThanOrEqual(calm + 6);
    expect(rows.slice(alarmed).every(({ drift_alarm }) => drift_alarm === rows[alarmed].drift_alarm)).toBe(
      true,
    );
    expect(Number(rows[alarmed].drift_evidence)).toBeGreaterThanOrEqual(1000);
    const { stderr, stdout } = first.output();
    expect(stderr.match(/WARNING/g)).toHaveLength(1);
    expect(stderr).toContain(`drift at photo ${alarmed + 1}: `);
    expect(stderr).toContain('train again with good photos taken now');
    expect(stderr).toMatch(/ended: .*; drift \(.*\) since photo/);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line.warning !== undefined).indexOf(true)).toBe(alarmed);
    expect(lines.filter((line) => line.warning !== undefined)).toHaveLength(1);

    // Started again it stands by its alarm, with the evidence it had.
    const second = await startWatch(photos, '--csv', csv);
    await copyFile(goodPhoto(0), join(photos, 'last.png'));
    const all = await untilRows(csv, rows.length + 1);
    await second.end();
    expect(second.output().stderr.match(/WARNING/g)).toHaveLength(1);
    expect(all.at(-1)).toMatchObject({
      path: 'last.png',
      drift_alarm: rows.at(-1)!.drift_alarm,
      drift_evidence: rows.at(-1)!.drift_evidence,
    });
  });
});
