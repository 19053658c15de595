import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import { readAnswer } from './answer.js';
import { endedWith, runChild } from './child.js';
import { rateAnswer, type RateAnswer } from './rate.js';

/** A peer's program, which the package ships in bench/. */
export function peerScript(name: string): string {
  return fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));
}

/** Modules that a peer imports, and the packages that hold them. */
const packages = { torch: 'torch', numpy: 'numpy', PIL: 'pillow', openvino: 'openvino' } as const;
export type PythonModule = keyof typeof packages;

const findMissing =
  'import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])';

/**
 * Looks for modules before anything is measured, without importing them.
 * @throws UserError that says which are missing and how to install them, or that there is no such program
 */
export async function checkModules(
  python: string,
  modules: readonly PythonModule[],
  signal?: AbortSignal,
): Promise<void> {
  const ended = await runChild(python, ['-c', findMissing, ...modules], signal);
  const expected = `--peer ${python}: expected a Python with ${modules.map((name) => packages[name]).join(', ')}`;
  if (ended.code !== 0) throw new UserError(`${expected}, but it ${endedWith(ended)}`);
  const names = ended.stdout.trim().split(/\s+/);
  const missing = modules.filter((name) => names.includes(name)).map((name) => packages[name]);
  if (missing.length === 0) return;
  throw new UserError(
    `${expected}; ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing there. ` +
      `Install: ${python} -m pip install ${missing.join(' ')}`,
  );
}

/** Runs a program that goes through pictures to its end. */
export async function runRate(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<RateAnswer> {
  const ended = await runChild(program, args, signal);
  if (ended.code !== 0) throw new UserError(`${program} ${args[0]} ${endedWith(ended)}`);
  return readAnswer(ended.stdout, rateAnswer);
}
