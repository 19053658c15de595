import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../runtime/session.js';
import { float32Modes, type PeerMode } from './peer.js';
import { inTemporaryFolder } from './pictures.js';
import { runRate } from './python.js';
import { peerRate, rateOf, type PeerRate, type Rate, type RateAnswer } from './rate.js';
import type { BenchSection } from './section.js';
import {
  bestSettings,
  lookCount,
  runTorch,
  type LeftOut,
  type TorchRun,
  type TorchSettings,
} from './torch-features.js';

const entry = fileURLToPath(new URL('./measure-features.node.js', import.meta.url));

/** What `measure-features.node.ts` is asked for. */
export interface FeaturesRequest {
  /** A file with the pictures' paths, a JSON array. */
  readonly list: string;
  /** Pictures that come before the timed ones. */
  readonly warm: number;
  readonly threads: number;
  readonly backend: Backend;
}

export interface FeaturesOptions {
  /** Picture files, eight at least. */
  readonly pictures: readonly string[];
  /** A Python with torch, numpy and pillow; left out: csflow alone is measured. */
  readonly peer?: string;
  /** What is looked at of the peer, bf16 aside; default: all. */
  readonly peerModes?: readonly PeerMode[];
  readonly repeats: number;
  readonly threads: number;
  readonly backend: Backend;
}

export interface FeaturesReport {
  readonly images: number;
  readonly repeats: number;
  readonly csflow: Rate;
  readonly peer?: PeerRate & {
    readonly settings: TorchSettings;
    /** Of the first picture's features: the largest difference of a mean or mean square, of the mean square. */
    readonly largestDifference: number;
    /** Settings that do not work here. */
    readonly leftOut: readonly LeftOut[];
  };
}

/** Pictures that the first look at PyTorch's settings goes through. */
const lookPictures = 64;
/** What a picture and the start of a process take, roughly, for the time left. */
const guessed = { csflow: 0.02, torch: 0.04, start: 3 };

/** A quarter of the pictures, sixteen at most, warm up. */
const warmOf = (pictures: number): number => Math.min(16, Math.floor(pictures / 4));

/** From picture files to features, csflow and PyTorch in turns, each run in a process of its own. */
export function featuresSection(options: FeaturesOptions): BenchSection<FeaturesReport> {
  const { pictures, peer, repeats, threads } = options;
  const torchModes = float32Modes.filter((mode) => options.peerModes?.includes(mode) ?? true);
  const torchRun = (list: string, count: number): TorchRun => ({
    python: peer!,
    list,
    pictures: count,
    warm: warmOf(count),
    threads,
  });
  const few = Math.min(lookPictures, pictures.length);
  const seconds = {
    own: guessed.start + guessed.csflow * pictures.length,
    peer: guessed.start + guessed.torch * pictures.length,
    look: guessed.start + guessed.torch * few,
  };
  const looks = peer === undefined ? 0 : lookCount(torchRun('', few), torchModes);
  return {
    guessedSeconds: looks * seconds.look + repeats * (seconds.own + (peer === undefined ? 0 : seconds.peer)),
    run: (ended, signal) =>
      inTemporaryFolder(async (folder) => {
        const listOf = async (name: string, count: number): Promise<string> => {
          const list = join(folder, name);
          await writeFile(list, JSON.stringify(pictures.slice(0, count)));
          return list;
        };
        const list = await listOf('pictures.json', pictures.length);
        const request = { list, warm: warmOf(pictures.length), threads, backend: options.backend };
        const all = torchRun(list, pictures.length);
        const found =
          peer === undefined
            ? undefined
            : await bestSettings(
                torchRun(await listOf('few.json', few), few),
                torchModes,
                () => ended('features: first look at PyTorch', seconds.look),
                signal,
              );
        const [ours, theirs]: [RateAnswer[], RateAnswer[]] = [[], []];
        for (let turn = 0; turn < repeats; turn++) {
          ours.push(await runOwn(request, signal));
          ended('features: csflow', seconds.own);
          if (found === undefined) continue;
          theirs.push(await runTorch(all, found.settings, signal));
          ended('features: PyTorch', seconds.peer);
        }
        const report = { images: pictures.length, repeats, csflow: rateOf(ours, threads) };
        if (found === undefined) return report;
        return { ...report, peer: { ...comparison(ours, theirs, threads), ...found } };
      }),
  };
}

function runOwn(request: FeaturesRequest, signal?: AbortSignal): Promise<RateAnswer> {
  return runRate(process.execPath, [entry, JSON.stringify(request)], signal);
}

function comparison(ours: readonly RateAnswer[], theirs: readonly RateAnswer[], threads: number) {
  return {
    ...peerRate(ours, theirs, threads),
    largestDifference: momentsDifference(ours[0].moments ?? [], theirs[0].moments ?? []),
  };
}

/** Three means, then three mean squares: a mean is held against the root of its mean square. */
function momentsDifference(ours: readonly number[], theirs: readonly number[]): number {
  const [means, squares] = [ours.slice(0, 3), ours.slice(3)];
  return Math.max(
    ...means.map((mean, s) => Math.abs(theirs[s] - mean) / Math.sqrt(squares[s])),
    ...squares.map((square, s) => Math.abs(theirs[s + 3] / square - 1)),
  );
}
