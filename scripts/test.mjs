import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureBuilt, ensureInstalled, reportFile, runNode } from './prepare.mjs';

ensureInstalled();
ensureBuilt();

const bin = (...parts) => join('node_modules', ...parts);
const checks = [
  ['types', [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.tests.json']],
  ['lint', [bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']],
  ['formatting', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  ['dependency rules', [bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), 'src', '--config']],
];

const failed = [];
for (const [name, args] of checks) {
  const start = performance.now();
  const holds = runNode(args) === 0;
  if (!holds) failed.push(name);
  process.stderr.write(
    `${holds ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`,
  );
}

// What is given on the command line goes to the runner: npm test -- tests/graph
mkdirSync(dirname(reportFile), { recursive: true });
rmSync(reportFile, { force: true });
const chosen = process.argv.slice(2);
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
const runner = runNode([bin('vitest', 'vitest.mjs'), 'run', ...reporters, ...chosen], { stdio: 'inherit' });
if (runner !== 0) failed.push('tests');

const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(reportFile, 'utf8'));
if (numPassedTests + numFailedTests === 0) failed.push('no test ran');
if (failed.length > 0) {
  process.stderr.write(`\nfailed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
} else process.stderr.write(`\nall checks and ${numPassedTests} tests passed\n`);
