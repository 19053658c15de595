/**
 * Loaded before a program (`node --import`): notes the path of each file it opens or reads, a line each, in the file
 * that CSFLOW_TEST_READS names. Listing folders is no reading.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const log = process.env.CSFLOW_TEST_READS;
const { appendFileSync } = fs;

function note(path) {
  if (typeof path === 'number') return;
  const name = path instanceof URL ? fileURLToPath(path) : String(path);
  appendFileSync(log, `${JSON.stringify(name)}\n`);
}

function watched(room, names) {
  for (const name of names) {
    const original = room[name];
    room[name] = function (...args) {
      note(args[0]);
      return original.apply(this, args);
    };
  }
}

const both = ['open', 'readFile', 'copyFile'];
watched(fs, [...both, 'openSync', 'readFileSync', 'copyFileSync', 'createReadStream']);
watched(fs.promises, [...both, 'cp']);
syncBuiltinESMExports();

// sharp opens the files whose names it is given by itself.
for (const name of ['metadata', 'stats', 'toBuffer', 'toFile']) {
  const original = sharp.prototype[name];
  sharp.prototype[name] = function (...args) {
    const { file } = this.options.input;
    if (file) note(file);
    return original.apply(this, args);
  };
}
