import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const reportFile = join(root, 'node_modules', '.cache', 'csflow', 'test-report.json');

const say = (text) => process.stderr.write(`${text}\n`);

/** Runs a program of Node with its output on stderr; stdout belongs to the command that is wanted. */
export function runNode(args, options = {}) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Installs the packages of package-lock.json unless exactly these are there. */
export function ensureInstalled() {
  const marker = join(root, 'node_modules', '.csflow-installed');
  const wanted = digestOf(['package.json', 'package-lock.json']);
  if (readIfThere(marker) === wanted) return;
  say('installing packages (once, about a minute) …');
  const npm = process.env.npm_execpath;
  if (npm === undefined) {
    say('csflow: expected to be run by npm (npm start, npm test), which installs what is needed');
    process.exit(1);
  }
  // Devices for which a package has no library of its own are not fetched: CPU and WebGPU come with it.
  const environment = { ...process.env, npm_config_onnxruntime_node_install: 'skip' };
  const status = runNode([npm, 'ci', '--include=dev', '--no-fund', '--no-audit'], { env: environment });
  if (status !== 0) {
    say(
      'csflow: installing failed; see what npm says above, and whether the package registry can be reached',
    );
    process.exit(1);
  }
  writeFileSync(marker, wanted);
}

function sourcesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
    .sort();
}

/** Compiles src/ to dist/ unless dist/ is of these very sources. */
export function ensureBuilt() {
  const marker = join(root, 'dist', '.built');
  const wanted = digestOf(['tsconfig.json', 'package-lock.json', ...sourcesBelow('src')]);
  if (readIfThere(marker) === wanted) return;
  say('building …');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const status = runNode([join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
  if (status !== 0) process.exit(status);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(marker, wanted);
}
