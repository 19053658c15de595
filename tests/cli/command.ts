import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Its own feature cache, so that no test sees what another has left. */
  readonly cache?: string;
}

const environment = ({ cache }: CommandOptions): NodeJS.ProcessEnv => ({
  ...process.env,
  ...(cache && { CSFLOW_CACHE: cache }),
});

/** Runs `csflow ARGS` as a user would. */
export function csflow(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const settings = { cwd: options.cwd, env: environment(options), maxBuffer: 1 << 26 };
    const child = execFile(process.execPath, [main, ...args], settings, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** The one JSON object a command prints. */
export async function csflowJson(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await csflow([...args, '--json'], options);
  if (code !== 0) throw new Error(`csflow ${args.join(' ')}: exit code ${code}\n${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

export function startCsflow(args: readonly string[], options: CommandOptions = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    env: environment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'csflow-'));
}

export interface SampleCounts {
  readonly train: number;
  readonly test: number;
  readonly defects: number;
}

/** A temporary folder with a drawn data set of pictures of 128 × 128 in it. */
export async function folderWithSampleData(
  counts: SampleCounts,
): Promise<{ readonly folder: string; readonly data: string }> {
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const numbers = Object.entries(counts).flatMap(([name, count]) => [`--${name}`, String(count)]);
  await csflowJson(['sample-data', data, '--size', '128', ...numbers]);
  return { folder, data };
}
