import type { Command } from 'commander';
import { FeatureCache } from '../../data/index.js';
import { print, printJson, type CommonOptions } from '../output.js';

interface CacheFlags extends CommonOptions {
  readonly clear?: boolean;
}

export function addCache(program: Command): void {
  program
    .command('cache')
    .description('where computed features are kept, and how much; CSFLOW_CACHE names another folder')
    .option('--clear', 'remove them')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  csflow cache --clear')
    .action(runCache);
}

async function runCache(flags: CacheFlags): Promise<void> {
  const cache = new FeatureCache();
  const { files, bytes } = flags.clear ? await cache.clear() : await cache.usage();
  if (flags.json)
    printJson({
      directory: cache.directory,
      cleared: flags.clear ?? false,
      files,
      bytes,
      limit: cache.maxBytes,
    });
  else {
    const size = `${files} files, ${(bytes / 1e6).toFixed(1)} MB`;
    print(
      flags.clear
        ? `removed ${size} from ${cache.directory}`
        : `${cache.directory}: ${size} of at most ${(cache.maxBytes / 1e6).toFixed(0)} MB`,
    );
  }
}
