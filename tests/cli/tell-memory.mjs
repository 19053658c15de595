// Loaded before a program: says at its end how much memory it held at most.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('exit', () => {
    process.stderr.write(`peak resident memory ${process.resourceUsage().maxRSS} KiB\n`);
  });
}
