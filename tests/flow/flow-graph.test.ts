import { describe, expect, it } from 'vitest';
import {
  flowGraph,
  glowCoupling,
  permutation,
  type FlowGraph,
  type InvertibleModule,
} from '#csflow/flow/index.js';
import * as g from '#csflow/graph/index.js';

const dims = ['N', 2, 4, 4];

/** y = 2x; log-det: log 2 for each of the 32 values of a sample. */
const doubling: InvertibleModule = {
  forward: ([x]) => ({ outputs: [g.scale(x, 2)], logDets: [logDet(x, 1)] }),
  inverse: ([y]) => ({ outputs: [g.scale(y, 0.5)], logDets: [logDet(y, -1)] }),
};
const logDet = (x: g.Node, sign: number): g.Node =>
  g.reduceSum(g.add(g.scale(x, 0), g.scalar(sign * Math.LN2)), [1, 2, 3]);

const node = (name: string, inputs: string[], outputs: string[], module: InvertibleModule = doubling) => ({
  name,
  module,
  inputs,
  outputs,
});

const base: FlowGraph = {
  inputs: { a: dims, b: dims },
  nodes: [node('second', ['a1'], ['a2']), node('first', ['a'], ['a1']), node('other', ['b'], ['b1'])],
  outputs: ['b1', 'a2'],
};

describe('flowGraph', () => {
  it('runs nodes in any order, both ways, and keeps the log-dets of each branch', () => {
    const flow = flowGraph(base);
    const [a, b] = ['a', 'b'].map((name) => g.input(name, [1, 2, 4, 4]));
    const there = flow.forward([a, b]);
    const back = flow.inverse(there.outputs);
    const values = (start: number) => ({
      dims: [1, 2, 4, 4],
      data: Float64Array.from({ length: 32 }, (_, i) => start + i),
    });
    const feeds = { a: values(1), b: values(50) };
    const results = g.evaluate(
      {
        out0: there.outputs[0],
        out1: there.outputs[1],
        a: back.outputs[0],
        b: back.outputs[1],
        detA: there.logDets[0]!,
        detB: there.logDets[1]!,
        undoneA: back.logDets[0]!,
      },
      feeds,
    );
    expect(results.out0.data[0]).toBe(100);
    expect(results.out1.data[0]).toBe(4);
    expect([results.a.data, results.b.data]).toEqual([feeds.a.data, feeds.b.data]);
    expect(results.detA.data[0]).toBeCloseTo(64 * Math.LN2, 5);
    expect(results.detB.data[0]).toBeCloseTo(32 * Math.LN2, 5);
    expect(results.undoneA.data[0]).toBeCloseTo(-64 * Math.LN2, 5);
  });

  const broken: readonly [string, Partial<FlowGraph>, RegExp][] = [
    [
      'a cycle',
      {
        nodes: [node('p', ['a', 'q1'], ['p1', 'p2']), node('q', ['p2'], ['q1'])],
        inputs: { a: dims },
        outputs: ['p1'],
      },
      /node p: lies on a cycle with p, q/,
    ],
    ['an unused output', { outputs: ['b1'] }, /node second: its output a2 is not used/],
    [
      'an unused input',
      { inputs: { ...base.inputs, c: dims } },
      /an input of the graph: its output c is not used/,
    ],
    [
      'a value read twice',
      { outputs: ['b1', 'a2', 'a1'] },
      /the output of the graph: reads a1, which node second reads already/,
    ],
    [
      'a name that nothing gives',
      { outputs: ['b1', 'a3'] },
      /the output of the graph: reads a3, which nothing gives/,
    ],
    [
      'a name given twice',
      { nodes: [...base.nodes, node('again', ['a2'], ['a1'])] },
      /node again: gives a1, which node first gives already/,
    ],
    [
      'a shape that does not fit',
      {
        nodes: [
          node(
            'mixed',
            ['a', 'b'],
            ['a2', 'b1'],
            permutation([
              [0, 1],
              [0, 1, 2],
            ]),
          ),
        ],
      },
      /node mixed: Gather: expected indices below the length of axis 1/,
    ],
    [
      'a module with another number of outputs',
      { nodes: [node('both', ['a', 'b'], ['a2', 'b1'])] },
      /node both: expected 2 outputs, its module gives 1/,
    ],
    [
      'a module that is not undone by its inverse',
      {
        inputs: { a: dims },
        nodes: [
          node('half', ['a'], ['a2'], {
            forward: (x) => doubling.forward(x),
            inverse: ([y]) => ({ outputs: [g.slice(y, 1, 0, 1)], logDets: [undefined] }),
          }),
        ],
        outputs: ['a2'],
      },
      /input a: expected \[N, 2, 4, 4\] back from the inverse, got \[N, 1, 4, 4\]/,
    ],
  ];
  it.each(broken)('refuses %s', (_, change, message) => {
    expect(() => flowGraph({ ...base, ...change })).toThrow(message);
  });

  it('refuses another number of values than it has branches', () => {
    expect(() => flowGraph(base).forward([g.input('a', dims)])).toThrow('expected 2 values (a, b), got 1');
  });

  it('names the coupling whose subnet gives the wrong shape', () => {
    const wrong = glowCoupling({
      firstChannels: 1,
      secondChannels: 1,
      clamp: 3,
      subnet1: (x) => x,
      subnet2: (x) => x,
    });
    const graph = { inputs: { a: dims }, nodes: [node('coupling', ['a'], ['z'], wrong)], outputs: ['z'] };
    expect(() => flowGraph(graph)).toThrow(/node coupling: Slice: expected 0 ≤ start < end/);
  });
});
