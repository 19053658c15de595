import { InferenceSession } from 'onnxruntime-node';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as g from '#csflow/graph/index.js';
import { createLocalDevice } from '#csflow/runtime/local-device.node.js';
import { valuesOf, type Device } from '#csflow/runtime/session.js';
import { createWorkerDevice } from '#csflow/runtime/worker-device.node.js';
import { floatTensor } from '#csflow/tensor/tensor.js';

/** next = state + step, written over the state; sum = Σ next. */
function counter(text?: g.ModelText): { model: Uint8Array; bindings: Parameters<Device['compile']>[1] } {
  const next = g.add(g.input('state', [3]), g.input('step', []));
  const place = { buffer: 'state', offset: 1, dims: [3] };
  return {
    model: g.writeOnnx({ next, sum: g.reduceSum(next, [0]) }, text),
    bindings: { inputs: { state: place }, outputs: { next: place } },
  };
}

describe.each([
  ['in this thread', createLocalDevice],
  ['in a worker', createWorkerDevice],
])('a device %s', (_, createDevice) => {
  const device = createDevice({ threads: 2 });
  afterAll(() => device.close());

  it.each([undefined, 'done'])(
    'keeps its state in place between runs, first output %s',
    async (firstOutput) => {
      await device.createBuffer('state', Float32Array.of(9, 1, 2, 3, 9));
      const { model, bindings } = counter({ firstOutput });
      const session = await device.compile(model, bindings);
      expect([session.inputNames, session.outputNames]).toEqual([['step'], ['sum']]);
      const sums: number[] = [];
      for (let i = 0; i < 3; i++) {
        const results = await session.run({ step: floatTensor([], [10]) });
        sums.push(valuesOf(results, 'sum', 'float32')[0]);
      }
      expect(sums).toEqual([36, 66, 96]);
      expect([...(await device.readBuffer('state'))]).toEqual([9, 31, 32, 33, 9]);
      await session.close();
    },
  );

  it('copies values unless they are given up', async () => {
    const [kept, given] = [Float32Array.of(9, 1, 2, 3, 9), Float32Array.of(9, 1, 2, 3, 9)];
    const { model, bindings } = counter();
    for (const [values, givenUp] of [
      [kept, false],
      [given, true],
    ] as const) {
      await device.createBuffer('state', values, { givenUp });
      const session = await device.compile(model, bindings);
      await session.run({ step: floatTensor([], [10]) });
      expect([...(await device.readBuffer('state'))]).toEqual([9, 11, 12, 13, 9]);
      await session.close();
    }
    expect([...kept]).toEqual([9, 1, 2, 3, 9]);
  });

  it('takes a part of an array alone, given up or not', async () => {
    const all = Float32Array.of(7, 1, 2, 3, 7);
    for (const givenUp of [false, true]) {
      await device.createBuffer('part', all.subarray(1, 4), { givenUp });
      expect([...(await device.readBuffer('part'))]).toEqual([1, 2, 3]);
      expect([...all]).toEqual([7, 1, 2, 3, 7]);
    }
  });

  it('names an input that is missing or unknown, and a buffer that is not there or too short', async () => {
    const session = await device.compile(g.writeOnnx({ y: g.neg(g.input('x', [1])) }));
    await expect(session.run({})).rejects.toThrow('input x is missing');
    const x = floatTensor([1], [1]);
    await expect(session.run({ x, z: x })).rejects.toThrow('unknown input z, expected x');
    await expect(device.readBuffer('none')).rejects.toThrow('buffer none');
    await device.createBuffer('short', 2);
    const bindings = { inputs: { state: { buffer: 'short', offset: 1, dims: [3] } } };
    await expect(device.compile(counter().model, bindings)).rejects.toThrow(
      /state: ends at 4, buffer short has 2/,
    );
  });

  it('gives each of many runs its own result', async () => {
    expect(device.lanes).toBeGreaterThan(0);
    const session = await device.compileParallel(g.writeOnnx({ y: g.neg(g.input('x', [2])) }));
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    const results = await Promise.all(inputs.map((i) => session.run({ x: floatTensor([2], [i, 2 * i]) })));
    results.forEach((result, i) => expect([...valuesOf(result, 'y', 'float32')]).toEqual([-i, -2 * i]));
    await expect(session.run({})).rejects.toThrow('input x is missing');
    await session.close();
  });

  it('refuses bytes that are no model', async () => {
    await expect(device.compile(Uint8Array.of(1, 2, 3))).rejects.toThrow();
    await expect(device.compileParallel(Uint8Array.of(1, 2, 3))).rejects.toThrow();
    const session = await device.compileParallel(g.writeOnnx({ y: g.neg(g.input('x', [1])) }));
    const result = await session.run({ x: floatTensor([1], [2]) });
    expect([...valuesOf(result, 'y', 'float32')]).toEqual([-2]);
    await session.close();
  });
});

describe('a local device', () => {
  it('releases a session whose bindings do not fit', async () => {
    const create = InferenceSession.create.bind(InferenceSession);
    let [made, released] = [0, 0];
    const counted = async (model: Uint8Array, options?: InferenceSession.SessionOptions) => {
      const native = await create(model, options);
      const release = native.release.bind(native);
      made++;
      native.release = () => {
        released++;
        return release();
      };
      return native;
    };
    const spy = vi.spyOn(InferenceSession, 'create').mockImplementation(counted);
    const device = createLocalDevice({ threads: 1 });
    await device.createBuffer('short', 2);
    const bindings = { inputs: { x: { buffer: 'short', offset: 0, dims: [3] } } };
    const model = g.writeOnnx({ y: g.neg(g.input('x', [3])) });
    await expect(device.compile(model, bindings)).rejects.toThrow('x: ends at 3, buffer short has 2');
    spy.mockRestore();
    await device.close();
    expect([made, released]).toEqual([1, 1]);
  });
});

describe('a worker device', () => {
  it('leaves the event loop free while it computes', async () => {
    const device = createWorkerDevice({ threads: 1 });
    const a = g.input('a', [700, 700]);
    let y = a;
    for (let i = 0; i < 12; i++) y = g.matMul(y, a);
    const session = await device.compile(g.writeOnnx({ y }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let running = true;
    const data = new Float32Array(700 * 700).fill(0.001);
    const run = session
      .run({ a: { dtype: 'float32', dims: [700, 700], data } })
      .finally(() => (running = false));
    // Were the loop blocked, no timer could fire before the run has ended.
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(running).toBe(true);
    await run;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
    await device.close();
  });

  it('rejects what is asked after it was closed', async () => {
    const device = createWorkerDevice();
    await device.close();
    await expect(device.readBuffer('x')).rejects.toThrow('the device is closed');
    await device.close();
  });
});
