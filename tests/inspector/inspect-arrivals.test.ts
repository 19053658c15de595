import { appendFile, mkdir, open, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import {
  inspectArrivals,
  type ArrivalOptions,
  type Arrived,
} from '#csflow/inspector/inspect-arrivals.node.js';
import type { Inspector, Verdict } from '#csflow/inspector/inspector.js';
import { DeviceLost } from '#csflow/runtime/session.js';
import { temporaryFolder } from '../data/temporary-folder.js';

const base = await temporaryFolder();
let count = 0;
let jpeg: Buffer;
let bitmap: Buffer;
beforeAll(async () => {
  const noise = sharp({
    create: {
      width: 64,
      height: 48,
      channels: 3,
      background: 'grey',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  });
  jpeg = await noise.clone().jpeg().toBuffer();
  bitmap = await noise.clone().tiff({ compression: 'none' }).toBuffer();
});

/** Judges by the width alone, and counts how many are at it at once. */
function inspectorOfWidth(atOnce: number[] = []): Inspector {
  let now = 0;
  return {
    metadata: {} as Inspector['metadata'],
    lanes: 2,
    async inspect({ width }) {
      atOnce.push(++now);
      await delay(5);
      now--;
      return { score: width, pValue: 1, defective: false, map: new Float32Array(1), mapSize: [1, 1] };
    },
    close: () => Promise.resolve(),
  };
}

async function arrivals(
  options: Partial<ArrivalOptions> = {},
  files: readonly string[] = [],
  inspector = inspectorOfWidth(),
) {
  const root = join(base, `arrivals-${count++}`);
  await mkdir(root);
  for (const name of files) await writeFile(join(root, name), jpeg);
  const told: Arrived[] = [];
  const notices: string[] = [];
  const ending = new AbortController();
  let ready: (waiting: number) => void;
  const waiting = new Promise<number>((resolve) => (ready = resolve));
  const ended = inspectArrivals(inspector, root, {
    onArrived: (arrived) => Promise.resolve(void told.push(arrived)),
    onReady: (number) => ready(number),
    onNotice: (text) => void notices.push(text),
    quietMilliseconds: 100,
    patienceMilliseconds: 600,
    signal: ending.signal,
    ...options,
  });
  ended.catch(() => undefined);
  await Promise.race([waiting, ended]);
  const names = () => told.map(({ kind, file }) => `${kind} ${basename(file.path)}`);
  return { root, told, names, notices, waiting: await waiting, ended, end: () => ending.abort() };
}

/** Judges as `inspectorOfWidth`, except what `special` judges, by the width. */
function inspectorWith(special: (width: number) => Partial<Verdict> | undefined): Inspector {
  const usual = inspectorOfWidth();
  return {
    ...usual,
    inspect: async (picture) => ({ ...(await usual.inspect(picture)), ...special(picture.width) }),
  };
}

const soon = { timeout: 20_000 };

describe('inspectArrivals', () => {
  it('judges what is there in the order in which it was written, then what arrives; each once', async () => {
    const { root, names, waiting, ended, end } = await arrivals({ rescanMilliseconds: 50 }, [
      'b.jpg',
      'a.jpg',
    ]);
    expect(waiting).toBe(2);
    await vi.waitFor(() => expect(names()).toHaveLength(2), soon);
    await mkdir(join(root, 'sub'));
    await writeFile(join(root, 'sub', 'c.jpg.part'), jpeg);
    await rename(join(root, 'sub', 'c.jpg.part'), join(root, 'sub', 'c, "quoted"\n.jpg'));
    await vi.waitFor(() => expect(names()).toHaveLength(3), soon);
    await delay(300);
    end();
    expect(await ended).toBe(0);
    expect(names().slice(0, 2).sort()).toEqual(['verdict a.jpg', 'verdict b.jpg']);
    expect(names()[2]).toBe('verdict c, "quoted"\n.jpg');
  });

  it('with newOnly leaves out what is there, until it is written anew', async () => {
    const { root, names, waiting, ended, end } = await arrivals({ newOnly: true }, ['a.jpg', 'b.jpg']);
    expect(waiting).toBe(0);
    await writeFile(join(root, 'b.jpg'), Buffer.concat([jpeg, Buffer.from('!')]));
    await writeFile(join(root, 'c.jpg'), jpeg);
    await vi.waitFor(() => expect(names().sort()).toEqual(['verdict b.jpg', 'verdict c.jpg']), soon);
    end();
    await ended;
  });

  it('waits for a file that is written bit by bit, compressed or not, and holds up no other for it', async () => {
    const { root, told, names, ended, end } = await arrivals();
    for (const [name, content] of [
      ['slow.jpg', jpeg],
      ['slow.tif', bitmap],
    ] as const) {
      const file = await open(join(root, name), 'w');
      const piece = Math.ceil(content.length / 4);
      for (let start = 0; start < content.length; start += piece) {
        await file.write(content.subarray(start, start + piece));
        // Longer than a file must be quiet for: what is there then is no whole image.
        await delay(200);
        if (start === 0) await writeFile(join(root, `quick-${name}`), content);
      }
      await file.close();
    }
    await vi.waitFor(() => expect(names()).toHaveLength(4), soon);
    end();
    expect(await ended).toBe(0);
    expect(names()).toEqual(
      ['quick-slow.jpg', 'slow.jpg', 'quick-slow.tif', 'slow.tif'].map((name) => `verdict ${name}`),
    );
    expect(told.every((arrived) => arrived.kind === 'verdict' && arrived.picture.width === 64)).toBe(true);
  });

  it('waits for a file that bears an old time while it is written, as copies and slow clocks give it', async () => {
    const { root, told, ended, end } = await arrivals({ quietMilliseconds: 1500, rescanMilliseconds: 50 });
    const path = join(root, 'copied.jpg');
    const longAgo = new Date(2001, 0, 1);
    await writeFile(join(root, 'copied.part'), jpeg);
    await utimes(join(root, 'copied.part'), longAgo, longAgo);
    await rename(join(root, 'copied.part'), path);
    // A whole image as it stands: nothing but its size tells that it is not finished.
    await delay(300);
    expect(told).toEqual([]);
    await appendFile(path, 'more');
    await utimes(path, longAgo, longAgo);
    await vi.waitFor(() => expect(told).not.toEqual([]), soon);
    end();
    await ended;
    expect(told).toMatchObject([{ kind: 'verdict', file: { path, bytes: jpeg.length + 4 } }]);
  });

  it('looks again at a file that was made long beforehand and is still being filled', async () => {
    const { root, told, names, ended, end } = await arrivals();
    const path = join(root, 'preallocated.tif');
    await writeFile(path, Buffer.alloc(bitmap.length));
    await delay(300);
    await writeFile(path, bitmap);
    await vi.waitFor(() => expect(names()).toEqual(['verdict preallocated.tif']), soon);
    end();
    await ended;
    expect(told).toHaveLength(1);
  });

  it('gives up what stays undecodable after the stated time, once, and judges it when it is mended', async () => {
    const { root, told, names, ended, end } = await arrivals({ rescanMilliseconds: 50 });
    await writeFile(join(root, 'cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
    await writeFile(join(root, 'text.png'), 'no picture');
    await writeFile(join(root, 'empty.png'), '');
    await vi.waitFor(() => expect(names()).toHaveLength(3), soon);
    await delay(900);
    expect(names().sort()).toEqual(['failed cut.jpg', 'failed empty.png', 'failed text.png']);
    const reasons = told.map((arrived) => (arrived.kind === 'failed' ? arrived.reason : '')).sort();
    expect(reasons[0]).toMatch(/cut\.jpg: the jpeg image is damaged or cut short/);
    expect(reasons[1]).toMatch(/empty\.png: the file is empty/);
    expect(reasons[2]).toMatch(/text\.png: this is no image/);
    await writeFile(join(root, 'cut.jpg'), jpeg);
    await vi.waitFor(() => expect(names().at(-1)).toBe('verdict cut.jpg'), soon);
    end();
    await ended;
  });

  it.each([
    ['out of memory', 'bad allocation'],
    ['a score of NaN', 'its score is NaN'],
    ['a score of Infinity', 'its score is Infinity'],
  ])(
    'tells of an image that the model fails at (%s), once, and judges those after it',
    async (how, reason) => {
      const special = (width: number): Partial<Verdict> | undefined => {
        if (width !== 32) return undefined;
        if (how === 'out of memory') throw new Error('bad allocation');
        return { score: how === 'a score of NaN' ? NaN : Infinity };
      };
      const options = { rescanMilliseconds: 50, patienceMilliseconds: 200 };
      const { root, told, names, ended, end } = await arrivals(options, ['a.jpg'], inspectorWith(special));
      await writeFile(join(root, 'odd.jpg'), await sharp(jpeg).resize(32).jpeg().toBuffer());
      await vi.waitFor(() => expect(names()).toContain('failed odd.jpg'), soon);
      await writeFile(join(root, 'later.jpg'), jpeg);
      await vi.waitFor(() => expect(names()).toContain('verdict later.jpg'), soon);
      await delay(300);
      end();
      expect(await ended).toBe(0);
      expect(names()).toEqual(['verdict a.jpg', 'failed odd.jpg', 'verdict later.jpg']);
      const reasons = told.flatMap((arrived) => (arrived.kind === 'failed' ? [arrived.reason] : []));
      expect(reasons).toEqual([
        `${join(root, 'odd.jpg')}: this image could not be judged (${reason}); look at it, and take it again or make it smaller`,
      ]);
    },
  );

  it('judges an image that the model failed at the first time', async () => {
    let looks = 0;
    const inspector = inspectorWith(() => {
      if (looks++ === 0) throw new Error('bad allocation');
      return undefined;
    });
    const { names, ended, end } = await arrivals({}, ['a.jpg'], inspector);
    await vi.waitFor(() => expect(names()).toEqual(['verdict a.jpg']), soon);
    end();
    await ended;
  });

  it('ends where the device is lost, and tells of no image as failed', async () => {
    const inspector = inspectorWith(() => {
      throw new DeviceLost('the computing thread has ended (code 1)');
    });
    const { names, ended } = await arrivals({}, ['a.jpg'], inspector);
    await expect(ended).rejects.toThrow('the computing thread has ended');
    expect(names()).toEqual([]);
  });

  it('says so where a file is gone before it could be judged', async () => {
    const { root, names, notices, ended, end } = await arrivals({ patienceMilliseconds: 60_000 });
    const path = join(root, 'brief.jpg');
    await writeFile(path, jpeg.subarray(0, 300));
    await delay(400);
    await rm(path);
    await vi.waitFor(() => expect(notices).toEqual([`${path}: gone before it could be judged`]), soon);
    end();
    expect([await ended, names()]).toEqual([0, []]);
  });

  it('leaves out what was judged earlier', async () => {
    const isKnown: ArrivalOptions['isKnown'] = ({ path, bytes }) =>
      basename(path) === 'a.jpg' && bytes === jpeg.length;
    const { names, waiting, ended, end } = await arrivals({ isKnown }, ['a.jpg', 'b.jpg']);
    await vi.waitFor(() => expect(names()).toEqual(['verdict b.jpg']), soon);
    end();
    await ended;
    expect(waiting).toBe(1);
  });

  it('keeps every lane busy and never more, while it tells one after the other', async () => {
    const atOnce: number[] = [];
    let telling = 0;
    let most = 0;
    const files = Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, '0')}.jpg`);
    let done = 0;
    const onArrived = async () => {
      most = Math.max(most, ++telling);
      await delay(1);
      telling--;
      done++;
    };
    const { ended, end } = await arrivals({ onArrived }, files, inspectorOfWidth(atOnce));
    await vi.waitFor(() => expect(done).toBe(30), soon);
    end();
    await ended;
    expect([Math.max(...atOnce), most]).toEqual([2, 1]);
  });

  it('ended early, finishes what the model is at and counts the rest', async () => {
    const files = Array.from({ length: 40 }, (_, i) => `${i}.jpg`);
    const { names, ended, end } = await arrivals({}, files);
    await vi.waitFor(() => expect(names().length).toBeGreaterThan(3), { ...soon, interval: 1 });
    end();
    const unfinished = await ended;
    expect(unfinished).toBeGreaterThan(0);
    expect(names().length + unfinished).toBe(40);
    expect(new Set(names()).size).toBe(names().length);
  });

  it('ends with the error of whoever is told, and where the folder is lost', async () => {
    const failing = await arrivals({ onArrived: () => Promise.reject(new Error('disk full')) }, ['a.jpg']);
    await expect(failing.ended).rejects.toThrow('disk full');
    const lost = await arrivals();
    await rm(lost.root, { recursive: true });
    await expect(lost.ended).rejects.toThrow(/the watched folder is gone/);
  });
});
