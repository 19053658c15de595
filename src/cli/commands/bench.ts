import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { busyNote, thisMachine, versionsHere } from '../../bench/machine.js';
import { allPeerModes } from '../../bench/peer.js';
import { runBench } from '../../bench/run-bench.js';
import { rowSets } from '../../bench/rows.js';
import { UserError } from '../../errors.js';
import { benchJson, benchText } from '../bench-report.js';
import { benchTables, checkTables, type TableFlags } from '../bench-tables.js';
import { backendFor, deviceOption, type DeviceFlags } from '../device-option.js';
import { interruptSignal } from '../interrupt.js';
import { print, printJson, type CommonOptions } from '../output.js';
import { benchShape, count, peerModes } from '../parse.js';
import { progressLine } from '../progress.js';

type BenchFlags = CommonOptions & DeviceFlags & TableFlags;

export function addBench(program: Command): void {
  program
    .command('bench')
    .description(
      'time training, inference, features and a model file on this machine, beside PyTorch and OpenVINO where a Python is named',
    )
    .option(
      '--peer <python>',
      'a Python with torch and numpy, for --data with pillow too, for --model with openvino too; csflow and it take turns',
    )
    .option(
      '--peer-modes <list>',
      `which of PyTorch's modes to look at, with commas between (default: ${allPeerModes.join(',')})`,
      peerModes,
    )
    .addOption(
      new Option('--rows <which>', "sizes to measure: quick in about a minute, all with the paper's, or none")
        .choices(rowSets)
        .default('quick'),
    )
    .addOption(
      new Option('--shape <C,HxW,hidden,batch>', 'a size of your own, such as 192,12x12,64,16')
        .argParser(benchShape)
        .conflicts('rows'),
    )
    .option('--data <path>', 'a data set: from its picture files to features')
    .option('--images <n>', 'with --data: how many of its pictures (default: 128)', count)
    .option(
      '--model <file>',
      'with --data: a model file on its pictures, and csflow predict from its start to the first verdict',
    )
    .option(
      '--growth [C,HxW,hidden,batch]',
      "how a step's time grows with batch, map and hidden width (in about ten minutes), or from a size of your own",
      benchShape,
    )
    .option('--repeats <n>', 'turns of each (default: of the size, 3 where there is none)', count)
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of all (default: all cores)', count)
    .option('--json', 'one JSON object on stdout')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      '\nExamples:\n  csflow bench --peer .venv/bin/python --rows all' +
        '\n  csflow bench --peer .venv/bin/python --rows none --data parts --model parts.onnx' +
        '\n  csflow bench --rows none --growth',
    )
    .action(runBenchCommand);
}

async function runBenchCommand(flags: BenchFlags): Promise<void> {
  checkTables(flags);
  const backend = await backendFor(flags.device, flags.quiet);
  const progress = progressLine(process.stderr, flags.quiet ?? false);
  const interrupt = interruptSignal(() => progress.say('stopping …'));
  const threads = flags.threads ?? availableParallelism();
  let printed = false;
  try {
    const tables = await benchTables(flags, { threads, backend }, interrupt.signal);
    const busy = busyNote();
    if (busy !== undefined) progress.say(busy);
    const start = performance.now();
    const report = await runBench(tables, {
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
    printed = true;
    if (report.failure !== undefined) throw report.failure;
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    const given = printed ? 'what had been measured before is given' : 'no figures are given';
    throw new UserError(`interrupted; the processes that measured are ended, and ${given}`);
  } finally {
    progress.done();
    interrupt.dispose();
  }
}
