import { Command, CommanderError } from 'commander';
import { messageOf, UsageError, UserError } from '../errors.js';
import { version } from '../version.js';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const failed = 1;
const wrongUsage = 2;

type AddCommand = (csflow: Command) => void;

/** In the order of `csflow --help`. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  data: async () => (await import('./commands/data.js')).addData,
  train: async () => (await import('./commands/train.js')).addTrain,
  evaluate: async () => (await import('./commands/evaluate.js')).addEvaluate,
  predict: async () => (await import('./commands/predict.js')).addPredict,
  explain: async () => (await import('./commands/explain.js')).addExplain,
  threshold: async () => (await import('./commands/threshold.js')).addThreshold,
  'learning-curve': async () => (await import('./commands/learning-curve.js')).addLearningCurve,
  info: async () => (await import('./commands/info.js')).addInfo,
  'sample-data': async () => (await import('./commands/sample-data.js')).addSampleData,
  bench: async () => (await import('./commands/bench.js')).addBench,
  cache: async () => (await import('./commands/cache.js')).addCache,
};

/** Only the command that is named is loaded: to load all takes a tenth of the time to a first verdict. */
async function program(name: string | undefined): Promise<Command> {
  const csflow = new Command('csflow')
    .description('Finds defective parts in pictures after learning from good ones only.')
    .version(version)
    .showHelpAfterError('(csflow --help lists the commands, csflow COMMAND --help their options)')
    .exitOverride()
    .allowExcessArguments()
    .action(async (_, command: Command) => {
      const [unknown] = command.args;
      if (unknown === undefined) return (await import('./commands/demonstration.js')).runDemonstration();
      const names = command.commands.map((known) => known.name());
      return command.error(`error: unknown command '${unknown}', expected ${names.join(', ')} or none`);
    })
    .addHelpText('after', '\nWithout a command: a demonstration on drawn parts, in about two minutes.');
  const named = Object.entries(commands).filter(([known]) => known === name);
  for (const [, load] of named.length > 0 ? named : Object.entries(commands)) (await load())(csflow);
  // Commands made by command() inherit the override, not the hint.
  for (const command of csflow.commands) {
    command.showHelpAfterError(`(csflow ${command.name()} --help shows the options and an example)`);
  }
  return csflow;
}

/** Who reads the output may stop reading (`| head`): that is no failure, and there is nobody left to tell. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** Runs one command line; gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await (await program(args[0])).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    if (error instanceof UserError) process.stderr.write(`csflow: ${error.message}\n`);
    else {
      const detail = error instanceof Error && process.env.CSFLOW_DEBUG ? `\n${error.stack}` : '';
      process.stderr.write(`csflow: unexpected failure: ${messageOf(error)}${detail}\n`);
    }
    return error instanceof UsageError ? wrongUsage : failed;
  }
}
