import { describe, expect, it } from 'vitest';
import { readMeasurement, type Measurement } from '#csflow/bench/measurement.js';
import { fastestMode, type Attempt } from '#csflow/bench/peer.js';
import { benchJson, benchText } from '#csflow/cli/bench-report.js';
import { compare, compareMemory } from '#csflow/bench/row-report.js';
import { configurationOf, rowsOf, rowSets } from '#csflow/bench/rows.js';
import { median, pairedRatio } from '#csflow/bench/statistics.js';
import { checkConfiguration } from '#csflow/csflow/index.js';

const measured = (seconds: number, bytes = 1000): Measurement => ({
  parameters: 10,
  train_step_s: { min: seconds / 2, median: seconds },
  peak_rss_bytes: bytes,
});

describe('the arithmetic of a comparison', () => {
  it('takes the middle value, or the mean of the two in the middle', () => {
    expect([median([3]), median([9, 1, 2]), median([4, 1, 2, 9])]).toEqual([3, 2, 3]);
    expect(() => median([])).toThrow('at least one value');
  });

  it('divides within a turn, so that what slows both falls out', () => {
    expect(pairedRatio([1, 10, 2], [2, 20, 8])).toBe(2);
    const own = [1, 10, 2].map((seconds) => measured(seconds));
    const turns = [2, 20, 8].map((seconds) => measured(seconds));
    expect(compare('train_step_s', own)).toEqual({ csflow: 2 });
    expect(compare('train_step_s', own, { mode: 'compile', turns, bf16: measured(0.5) })).toEqual({
      csflow: 2,
      peer: { seconds: 8, mode: 'compile', ratio: 4, pairedRatio: 2, bf16Seconds: 0.5 },
    });
  });

  it("takes 16 bytes a parameter off a training's peak, and nothing off that of inference", () => {
    const turns = [measured(1, 1000), measured(1, 3000), measured(1, 2000)];
    expect(compareMemory('training', turns, [measured(1, 500)])).toEqual({
      csflow: { peakBytes: 2000, lessStateBytes: 1840 },
      peer: { peakBytes: 500, lessStateBytes: 340 },
    });
    expect(compareMemory('inference', turns, [measured(1, 50)])).toEqual({
      csflow: { peakBytes: 2000 },
      peer: { peakBytes: 50 },
    });
  });

  it('prints both ratios by name, and the state of a training only', () => {
    const [row] = rowsOf('quick');
    const own = [1, 10, 2].map((seconds) => measured(seconds, 1e9));
    const turns = [2, 20, 8].map((seconds) => measured(seconds, 2e9));
    const report = {
      rows: [
        {
          row,
          parameters: 10,
          trainingStep: compare('train_step_s', own, { mode: 'eager', turns }),
          memory: {
            training: compareMemory('training', own, turns),
            inference: compareMemory('inference', own, turns),
          },
          modesLeftOut: [],
        },
      ],
      peer: 'torch 0.0',
    };
    const machine = { cpu: 'a processor', cores: 2, memoryBytes: 8e9, os: 'an OS' };
    const versions = { csflow: '1', node: '20', onnxruntime: '1' };
    const about = { machine, versions, threads: 2, backend: 'cpu' } as const;
    const text = benchText(report, about);
    expect(text).toMatch(/csflow +PyTorch +mode +ratio +paired +bf16 once\n/);
    expect(text).toMatch(/training step +2000 ms +8000 ms +eager +4\.00 +2\.00 +–/);
    expect(text.match(/less 16 bytes a parameter/g)).toHaveLength(1);
    expect(benchJson(report, about).rows[0]).toMatchObject({
      training_step: { ratio_of_medians: 4, median_of_paired_ratios: 2 },
      memory: {
        training: { csflow: { peak_bytes: 1e9, less_16_bytes_a_parameter: 1e9 - 160 } },
        inference: { csflow: { peak_bytes: 1e9 }, peer: { peak_bytes: 2e9 } },
      },
    });
    expect(Object.keys(benchJson(report, about).rows[0].memory.inference!.csflow)).toEqual(['peak_bytes']);
  });

  it('names a quantity that was not measured', () => {
    expect(() => compare('infer_batch_s', [measured(1)])).toThrow(
      'infer_batch_s: expected in the measurement',
    );
  });
});

describe('the choice of the mode', () => {
  const failing: Attempt = { ok: false, reason: 'no compiler' };
  const looks = new Map<string, Attempt>([
    ['compile', failing],
    ['eager', { ok: true, measured: measured(3) }],
    ['channels_last', { ok: true, measured: measured(2) }],
  ]);
  it('is the fastest of those that work', () => {
    expect(fastestMode(looks, 'train_step_s')).toBe('channels_last');
    expect(fastestMode(new Map([['compile', failing]]), 'train_step_s')).toBeUndefined();
  });
});

describe('what a measuring process says', () => {
  it('is the last line', () => {
    expect(readMeasurement(`a warning\n${JSON.stringify(measured(1))}\n`)).toEqual(measured(1));
  });
  it.each([
    ['', /expected a line of JSON/],
    ['done', /expected a line of JSON .* got "done"/],
    ['{"parameters":1}', /peak_rss_bytes/],
    ['{"parameters":1,"peak_rss_bytes":1,"train_step_s":{"min":0,"median":"fast"}}', /train_step_s/],
  ])('is refused where it is %j', (stdout, message) => {
    expect(() => readMeasurement(stdout)).toThrow(message);
  });
});

describe('the rows', () => {
  it.each(rowSets)('%s are shapes that can be built', (set) => {
    for (const row of rowsOf(set)) expect(() => checkConfiguration(configurationOf(row))).not.toThrow();
  });
});
