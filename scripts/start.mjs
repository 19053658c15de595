import { ensureBuilt, ensureInstalled } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
const { run } = await import('../dist/cli/run.js');
process.exitCode = await run(process.argv.slice(2));
