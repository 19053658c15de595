import { Command, CommanderError } from 'commander';
import { messageOf, UsageError, UserError } from '../errors.js';
import { version } from '../version.js';
import { addBench } from './commands/bench.js';
import { addCache } from './commands/cache.js';
import { addData } from './commands/data.js';
import { runDemonstration } from './commands/demonstration.js';
import { addEvaluate } from './commands/evaluate.js';
import { addExplain } from './commands/explain.js';
import { addInfo } from './commands/info.js';
import { addLearningCurve } from './commands/learning-curve.js';
import { addPredict } from './commands/predict.js';
import { addSampleData } from './commands/sample-data.js';
import { addThreshold } from './commands/threshold.js';
import { addTrain } from './commands/train.js';

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const failed = 1;
const wrongUsage = 2;

function program(): Command {
  const csflow = new Command('csflow')
    .description('Finds defective parts in pictures after learning from good ones only.')
    .version(version)
    .showHelpAfterError('(csflow --help lists the commands, csflow COMMAND --help their options)')
    .exitOverride()
    .allowExcessArguments()
    .action((_, command: Command) => {
      const [unknown] = command.args;
      if (unknown === undefined) return runDemonstration();
      const names = command.commands.map((known) => known.name());
      return command.error(`error: unknown command '${unknown}', expected ${names.join(', ')} or none`);
    })
    .addHelpText('after', '\nWithout a command: a demonstration on drawn parts, in about two minutes.');
  for (const add of [
    addData,
    addTrain,
    addEvaluate,
    addPredict,
    addExplain,
    addThreshold,
    addLearningCurve,
    addInfo,
    addSampleData,
    addBench,
    addCache,
  ])
    add(csflow);
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
    await program().parseAsync(args, { from: 'user' });
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
