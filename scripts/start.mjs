import { ensureBuilt, ensureInstalled } from './prepare.mjs';

ensureInstalled();
ensureBuilt();
// npm works in the project's folder; the user's paths are relative to where the user is.
process.chdir(process.env.INIT_CWD ?? process.cwd());
const { run } = await import('../dist/cli/run.js');
process.exitCode = await run(process.argv.slice(2));
