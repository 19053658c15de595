import { InvalidArgumentError } from 'commander';
import { allPeerModes, type PeerMode } from '../bench/peer.js';

function demand(holds: boolean, expected: string, came: string): void {
  if (!holds) throw new InvalidArgumentError(`expected ${expected}, got ${came}`);
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  demand(/^\d+$/.test(text) && Number.isSafeInteger(value), 'a whole number from 0', text);
  return value;
}

export function seedNumber(text: string): number {
  const value = wholeNumber(text);
  demand(value <= 0xffffffff, 'a whole number up to 4294967295', text);
  return value;
}

export function count(text: string): number {
  const value = Number(text);
  demand(/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0, 'a whole number from 1', text);
  return value;
}

export function number(text: string): number {
  const value = Number(text);
  demand(text.trim() !== '' && Number.isFinite(value), 'a number', text);
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  demand(text.trim() !== '' && Number.isFinite(value) && value > 0, 'a number above 0', text);
  return value;
}

export function numberFromZero(text: string): number {
  const value = Number(text);
  demand(text.trim() !== '' && Number.isFinite(value) && value >= 0, 'a number from 0', text);
  return value;
}

/** A share strictly between 0 and 1. */
export function share(text: string): number {
  const value = positiveNumber(text);
  demand(value < 1, 'a share between 0 and 1 (0.01 is one in a hundred)', text);
  return value;
}

/** `HEIGHTxWIDTH`, or one number for both. */
export function imageSize(text: string): readonly [height: number, width: number] {
  const match = /^(\d+)(?:[x×](\d+))?$/i.exec(text);
  if (match === null) throw new InvalidArgumentError(`expected HEIGHTxWIDTH such as 384x384, got ${text}`);
  return [Number(match[1]), Number(match[2] ?? match[1])];
}

/** `C,HxW,hidden,batch`: a size of the flow and how many samples at once. */
export function benchShape(text: string) {
  const match = /^(\d+),(\d+)[x×](\d+),(\d+),(\d+)$/i.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(`expected C,HxW,hidden,batch such as 192,12x12,64,16, got ${text}`);
  }
  const [channels, height, width, hidden, batch] = match.slice(1).map(count);
  return { channels, mapSize: [height, width] as const, hidden, batch };
}

/** Modes of the peer with commas between, each once. */
export function peerModes(text: string): readonly PeerMode[] {
  const names = [...new Set(text.split(',').map((part) => part.trim()))];
  return names.map((name) => {
    const mode = allPeerModes.find((known) => known === name);
    if (mode !== undefined) return mode;
    throw new InvalidArgumentError(`expected some of ${allPeerModes.join(',')}, got "${name}"`);
  });
}

/** Numbers with commas between. */
export function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map((part) => count(part.trim()));
}

export function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError(`expected a regular expression, got ${text}`);
  }
}
