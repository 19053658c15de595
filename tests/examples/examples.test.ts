import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../data/temporary-folder.js';

/** A few steps of an example, as a user would run it. */
function runExample(name: string, picture: string) {
  const script = fileURLToPath(new URL(`../../examples/${name}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [script, '--steps', '3', '--out', picture, '--json'],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as {
    models: { name: string; parameters: number; log_likelihood: number; bits_per_dimension: number }[];
  };
}

it.each([
  ['two-moons', 2],
  ['small-pictures', 64],
])('the example %s trains NICE, RealNVP and Glow and draws their samples', async (name, dimensions) => {
  const picture = `${await temporaryFolder()}/${name}.png`;
  const { models } = runExample(name, picture);
  expect(models.map((model) => model.name)).toEqual(['NICE', 'RealNVP', 'Glow']);
  for (const { parameters, log_likelihood, bits_per_dimension } of models) {
    expect(parameters).toBeGreaterThan(1000);
    expect(bits_per_dimension).toBeCloseTo(-log_likelihood / dimensions / Math.LN2, 6);
  }
  const { width, height } = await sharp(picture).metadata();
  expect([width, height]).toEqual([4 * 252 + 12, 278]);
});
