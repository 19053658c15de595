import { describe, expect, it } from 'vitest';
import {
  affineCoupling,
  flowGraph,
  glowCoupling,
  permutation,
  split,
  squeeze,
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
      /node p: lies on a cycle, p from q from p/,
    ],
    [
      'a cycle, by the nodes on it alone',
      {
        nodes: [node('tail', ['p2'], ['t']), node('p', ['a', 'q1'], ['p1', 'p2']), node('q', ['p1'], ['q1'])],
        inputs: { a: dims },
        outputs: ['t'],
      },
      /node p: lies on a cycle, p from q from p/,
    ],
    [
      'two nodes of one name',
      { nodes: [...base.nodes.slice(0, 2), node('first', ['b'], ['b1'])] },
      /node first: expected a name of its own/,
    ],
    [
      'a node without inputs',
      { nodes: [...base.nodes, node('none', [], [])] },
      /node none: expected inputs and/,
    ],
    [
      'log-dets of other branches than are read',
      {
        nodes: [
          ...base.nodes.slice(1),
          node('second', ['a1'], ['a2'], {
            ...doubling,
            forward: ([x]) => ({ outputs: [x], logDets: [undefined, undefined] }),
          }),
        ],
      },
      /node second: expected a log-det for each of 1 branches, its module gives 2/,
    ],
    [
      'too few permutations',
      { nodes: [node('mixed', ['a', 'b'], ['a2', 'b1'], permutation([[0, 1]]))] },
      /node mixed: permutation: expected 1 branches, got 2/,
    ],
    [
      'odd sides to squeeze',
      { inputs: { a: ['N', 2, 3, 4] }, nodes: [node('s', ['a'], ['a2'], squeeze())], outputs: ['a2'] },
      /node s: squeeze: expected even sides, got 3×4/,
    ],
    ['an unused output', { outputs: ['b1'] }, /node second: its output a2 is not used/],
    ['an unused input', { inputs: { ...base.inputs, c: dims } }, /input c: is not used/],
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
      /node mixed: permutation: expected 3 channels, got 2/,
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
      /node half: expected \[N, 2, 4, 4\] back for a, its inverse gives \[N, 1, 4, 4\]/,
    ],
  ];
  it.each(broken)('refuses %s', (_, change, message) => {
    expect(() => flowGraph({ ...base, ...change })).toThrow(message);
  });

  it('refuses another number of values than it has branches', () => {
    expect(() => flowGraph(base).forward([g.input('a', dims)])).toThrow('expected 2 values (a, b), got 1');
  });

  /** Doubles the first of two branches and adds nothing to the second: log-dets of each branch it reads. */
  const merge: InvertibleModule = {
    forward: ([x, y]) => ({ outputs: [g.concat([g.scale(x, 2), y], 1)], logDets: [logDet(x, 1), undefined] }),
    inverse: ([z]) => {
      const half = [g.slice(z, 1, 0, 2), g.slice(z, 1, 2, 4)];
      return { outputs: [g.scale(half[0], 0.5), half[1]], logDets: [logDet(half[0], -1)] };
    },
  };
  const one = { dims: [1, 2, 4, 4], data: Float64Array.from({ length: 32 }, (_, i) => i) };

  it('keeps the log-dets of both parts of a split with the branch that was split', () => {
    const flow = flowGraph({
      inputs: { a: dims },
      nodes: [
        node('split', ['a'], ['left', 'right'], split(1)),
        node('left twice', ['left'], ['l1']),
        node('right twice', ['right'], ['r1']),
      ],
      outputs: ['r1', 'l1'],
    });
    const there = flow.forward([g.input('a', one.dims)]);
    const back = flow.inverse(there.outputs);
    const program = {
      r: there.outputs[0],
      det: there.logDets[0]!,
      a: back.outputs[0],
      undone: back.logDets[0]!,
    };
    const results = g.evaluate(program, { a: one });
    expect(results.r.data).toEqual(one.data.slice(16).map((value) => 2 * value));
    expect(results.a.data).toEqual(one.data);
    expect(results.det.data[0]).toBeCloseTo(32 * Math.LN2, 5);
    expect(results.undone.data[0]).toBeCloseTo(-32 * Math.LN2, 5);
  });

  it('gives the log-dets of merged branches a sum that the inverse negates', () => {
    const flow = flowGraph({
      inputs: { a: dims, b: dims },
      nodes: [node('merge', ['a', 'b'], ['m'], merge), node('twice', ['m'], ['m2'])],
      outputs: ['m2'],
    });
    const there = flow.forward(['a', 'b'].map((name) => g.input(name, one.dims)));
    const back = flow.inverse(there.outputs);
    const sum = (parts: readonly (g.Node | undefined)[]) =>
      parts.filter((part) => part !== undefined).reduce((total, part) => g.add(total, part));
    const program = { b: back.outputs[1], det: sum(there.logDets), undone: sum(back.logDets) };
    const results = g.evaluate(program, { a: one, b: one });
    expect(results.b.data).toEqual(one.data);
    expect(results.det.data[0]).toBeCloseTo((32 + 64) * Math.LN2, 5);
    expect(results.undone.data[0]).toBeCloseTo(-(32 + 64) * Math.LN2, 5);
  });

  it('refuses a coupling whose log-scale would be broadcast', () => {
    const narrow = affineCoupling({
      firstChannels: 2,
      secondChannels: 2,
      clamp: 2,
      scale1: (halves) => halves.map((x) => g.slice(x, 1, 0, 1)),
      scale2: (halves) => halves.map((x) => g.slice(x, 1, 0, 1)),
      shift1: (halves) => halves,
      shift2: (halves) => halves,
    });
    expect(() => narrow.forward([g.input('a', ['N', 4, 4, 4])])).toThrow(
      "coupling's subnet: expected [N, 2, 4, 4], as the half it changes, got [N, 1, 4, 4]",
    );
    expect(() => narrow.forward([g.input('a', ['N', 5, 4, 4])])).toThrow(
      'coupling: expected 4 channels, got 5',
    );
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
