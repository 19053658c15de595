import { execFile, type ExecFileException } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import { backends, type Backend, type BackendChoice } from './session.js';

/** What the process that tries a backend says: one line of JSON, the last on its stdout. */
export interface BackendTrial {
  readonly works: boolean;
  /** Why it does not. */
  readonly reason?: string;
  /** What the installed runtime has code for. */
  readonly listed: readonly string[];
}

const probe = fileURLToPath(new URL('./probe-backend.node.js', import.meta.url));
const probeMilliseconds = 60_000;

/** In a process of its own: a driver that fails may print to the terminal, or end the process. */
function tryBackend(backend: Backend): Promise<BackendTrial> {
  return new Promise((resolve) => {
    execFile(process.execPath, [probe, backend], { timeout: probeMilliseconds }, (error, stdout) => {
      try {
        resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as BackendTrial);
      } catch {
        resolve({ works: false, reason: endOf(error), listed: [] });
      }
    });
  });
}

/** What became of a trial that said nothing. */
function endOf(error: ExecFileException | null): string {
  if (error === null) return 'its trial said nothing';
  if (error.signal !== undefined && error.signal !== null) {
    return error.killed === true
      ? `its trial took longer than ${probeMilliseconds / 1000} s`
      : `its trial ended with ${error.signal}`;
  }
  return `its trial ended with ${error.code ?? 'an error'}`;
}

/**
 * The backend to compute on, tried with a tiny training step before it is used, which must come out as on the CPU.
 * `auto` takes CUDA where it works, else the CPU; WebGPU is taken only by name, since a training is not known to be faster there.
 * @param onFallBack told why, where `auto` takes the CPU
 * @throws UserError where the named one does not work here, with what is there
 */
export async function chooseBackend(
  choice: BackendChoice,
  onFallBack: (message: string) => void = () => undefined,
): Promise<Backend> {
  switch (choice) {
    case 'cpu':
      return 'cpu';
    case 'auto': {
      const { works, reason } = await tryBackend('cuda');
      if (works) return 'cuda';
      onFallBack(`cuda does not work here (${reason ?? 'without a reason'}), computing on cpu`);
      return 'cpu';
    }
    case 'webgpu':
    case 'cuda': {
      const trial = await tryBackend(choice);
      if (trial.works) return choice;
      throw await refusal(choice, trial);
    }
  }
}

async function refusal(choice: Backend, { reason, listed }: BackendTrial): Promise<UserError> {
  const working: Backend[] = [];
  for (const backend of backends) {
    if (backend !== choice && (backend === 'cpu' || (await tryBackend(backend)).works)) working.push(backend);
  }
  return new UserError(
    `--device ${choice}: expected one that works here, but ${reason ?? 'it does not'}. ` +
      `The installed ONNX Runtime lists ${listed.join(', ') || 'nothing'}; what works here: ${working.join(', ')}. ` +
      `Use --device ${working.join(' or ')}`,
  );
}
