import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOnnxMetadata, withOnnxMetadata } from '#csflow/graph/index.js';
import { runtimeVersions } from '#csflow/runtime/versions.node.js';
import { version } from '#csflow/version.js';
import { csflow, csflowJson, startCsflow, folderWithSampleData } from './command.js';

/** Where the report of an evaluation goes, and what is left where it cannot go there. */
let folder: string;
let data: string;
let model: string;
beforeAll(async () => {
  ({ folder, data } = await folderWithSampleData({ train: 12, test: 8, defects: 4 }));
  model = join(folder, 'parts.onnx');
  await csflowJson(['train', data, '--out', model, '--preset', 'tiny', '--epochs', '5', '--no-cache']);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `evaluate --report`; while it looks at the pictures, its folder becomes a file. */
async function evaluateIntoVanished(name: string, args: readonly string[]) {
  const report = join(folder, name);
  const child = startCsflow(['evaluate', model, data, '--report', report, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    if (!stderr.includes('evaluating') && (stderr + text).includes('evaluating')) {
      rmSync(report, { recursive: true });
      writeFileSync(report, 'not a folder');
    }
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe('evaluate --report', () => {
  it('names the files in JSON', async () => {
    const directory = join(folder, 'report');
    const { report } = await csflowJson(['evaluate', model, data, '--report', directory]);
    expect(report).toEqual({
      html: join(directory, 'report.html'),
      summary: join(directory, 'summary.json'),
      scores: join(directory, 'scores.csv'),
    });
    expect(await readFile((report as { html: string }).html, 'utf8')).toContain('<!doctype html>');
    expect(await csflowJson(['evaluate', model, data])).not.toHaveProperty('report');
  });

  it('tells the settings and versions of the training, which the model file holds', async () => {
    const directory = join(folder, 'facts');
    const { report } = await csflowJson(['evaluate', model, data, '--report', directory]);
    const { training } = await csflowJson(['info', model]);
    const here = runtimeVersions();
    expect(here.node).toBe(process.versions.node);
    expect(training).toMatchObject({
      batch: 10,
      learningRate: expect.any(Number) as number,
      createdBy: `csflow ${version}`,
      runtime: here,
    });
    const html = await readFile((report as { html: string }).html, 'utf8');
    const made = `csflow ${version}, ONNX Runtime ${here.onnxruntime}, Node.js ${here.node}`;
    expect(html.split(made)).toHaveLength(3);
    expect((await csflow(['info', model])).stdout).toMatch(/learning rate up to 0\.\d+, batch 10\n/);
  });

  it('opens a model file of an earlier version, which does not have them', async () => {
    const older = join(folder, 'older.onnx');
    const bytes = await readFile(model);
    const properties = readOnnxMetadata(bytes, model);
    const { learningRate, batch, runtime, ...rest } = JSON.parse(properties['csflow.training']) as object &
      Record<string, unknown>;
    expect([learningRate, batch, runtime]).not.toContain(undefined);
    const training = JSON.stringify({ ...rest, createdBy: 'csflow' });
    await writeFile(older, withOnnxMetadata(bytes, { ...properties, 'csflow.training': training }, older));
    const { code, stdout } = await csflow(['info', older]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ with csflow\n/);
    expect(stdout).not.toContain('learning rate');
    expect(await csflowJson(['evaluate', older, data])).toMatchObject({ images: 20 });
  });

  it('says before it looks at any picture that nothing can be written there', async () => {
    const file = join(folder, 'taken');
    await writeFile(file, 'not a folder');
    const { code, stdout, stderr } = await csflow(['evaluate', model, data, '--report', file]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(join(file, 'report.html'));
    expect(stderr).not.toContain('evaluating');
  });

  it('tells the figures all the same where the report cannot be written in the end', async () => {
    const text = await evaluateIntoVanished('text', []);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain('20 test images: 8 good, 12 defective');
    expect(text.stdout).not.toContain('wrote');
    expect(text.stderr).toContain('cannot be written');
    const json = await evaluateIntoVanished('json', ['--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ images: 20, good: 8, report: null });
  });
});
