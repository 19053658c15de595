import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { busyNote, thisMachine, versionsHere } from '../../bench/machine.js';
import { allPeerModes, type PeerMode } from '../../bench/peer.js';
import { runBench } from '../../bench/run-bench.js';
import { customRow, rowSets, rowsOf, type BenchRow, type RowSet } from '../../bench/rows.js';
import { UsageError, UserError } from '../../errors.js';
import { benchJson, benchText } from '../bench-report.js';
import { backendFor, deviceOption, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { print, printJson, type CommonOptions } from '../output.js';
import { benchShape, count, peerModes } from '../parse.js';
import { progressLine } from '../progress.js';

interface BenchFlags extends CommonOptions, DeviceFlags {
  readonly peer?: string;
  readonly peerModes?: readonly PeerMode[];
  readonly rows: RowSet;
  readonly shape?: Parameters<typeof customRow>[0];
  readonly repeats?: number;
}

export function addBench(program: Command): void {
  program
    .command('bench')
    .description(
      'time a training step and inference on this machine, beside PyTorch where a Python with torch is named',
    )
    .option('--peer <python>', 'a Python with torch and numpy; csflow and PyTorch take turns')
    .option(
      '--peer-modes <list>',
      `which of its modes to look at, with commas between (default: ${allPeerModes.join(',')})`,
      peerModes,
    )
    .addOption(
      new Option('--rows <which>', "sizes to measure: quick in about a minute, all with the paper's")
        .choices(rowSets)
        .default('quick'),
    )
    .addOption(
      new Option('--shape <C,HxW,hidden,batch>', 'a size of your own, such as 192,12x12,64,16')
        .argParser(benchShape)
        .conflicts('rows'),
    )
    .option('--repeats <n>', 'turns of each (default: of the size)', count)
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of both (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', '\nExample:\n  csflow bench --peer .venv/bin/python --rows all')
    .action(runBenchCommand);
}

async function runBenchCommand(flags: BenchFlags): Promise<void> {
  if (flags.peerModes !== undefined && flags.peer === undefined) {
    throw new UsageError('peer-modes: expected together with --peer; add it or leave both out');
  }
  const rows = (flags.shape === undefined ? rowsOf(flags.rows) : [customRow(flags.shape)]).map(
    (row): BenchRow => ({ ...row, repeats: flags.repeats ?? row.repeats }),
  );
  const backend = await backendFor(flags.device, flags.quiet);
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  const threads = flags.threads ?? availableParallelism();
  const busy = busyNote();
  if (busy !== undefined) progress.say(busy);
  const start = performance.now();
  try {
    const report = await runBench(rows, {
      peer: flags.peer,
      peerModes: flags.peerModes,
      threads,
      backend,
      signal: interrupt.signal,
      onProgress: ({ what, share }) => {
        const seconds = (performance.now() - start) / 1000;
        progress.listen({ kind: 'measuring', what, share, secondsLeft: (seconds * (1 - share)) / share });
      },
    });
    progress.done();
    const about = { machine: thisMachine(), versions: versionsHere(), threads, backend };
    if (flags.json) printJson(benchJson(report, about));
    else print(benchText(report, about));
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    throw new UserError('interrupted; the processes that measured are ended, and no figures are given');
  } finally {
    progress.done();
    interrupt.dispose();
  }
}
