import type { FeaturesReport } from '../bench/features-section.js';
import type { PredictReport } from '../bench/predict-section.js';
import type { PeerRate, Rate } from '../bench/rate.js';
import type { TorchSettings } from '../bench/torch-features.js';
import { milliseconds, percent, turns } from './bench-figures.js';
import { shown, table } from './output.js';

function rateJson({ imagesPerSecond, busyShare, cpuSecondsAnImage, compileSeconds }: Rate) {
  return {
    images_per_second: imagesPerSecond,
    busy_share: busyShare,
    cpu_s_an_image: cpuSecondsAnImage,
    ...(compileSeconds !== undefined && { load_s: compileSeconds }),
  };
}

/** What both tables say of csflow, and of what it was measured on. */
function ownJson({ images, repeats, csflow }: FeaturesReport | PredictReport) {
  return { images, repeats, csflow: rateJson(csflow) };
}

function peerJson(peer: PeerRate) {
  return { version: peer.version, ...rateJson(peer), median_of_paired_ratios: peer.ratio };
}

export function featuresJson(report: FeaturesReport) {
  const { peer } = report;
  return {
    ...ownJson(report),
    ...(peer && {
      peer: {
        ...peerJson(peer),
        ...peer.settings,
        largest_difference_of_moments: peer.largestDifference,
        left_out: peer.leftOut.map(({ settings, reason }) => ({ ...settings, reason })),
      },
    }),
  };
}

export function predictJson(report: PredictReport) {
  const { peer, command } = report;
  return {
    ...ownJson(report),
    ...(peer && {
      peer: {
        ...peerJson(peer),
        hint: peer.hint,
        largest_relative_difference_of_scores: peer.largestDifference,
      },
    }),
    command: {
      images_per_second: command.imagesPerSecond,
      s_to_first_verdict: command.secondsToFirstVerdict,
      s_of_one_picture: command.secondsOfOnePicture,
    },
  };
}

const seconds = (value: number): string => `${shown(value, 3)} s`;

/** A line for each figure, csflow beside the peer. */
function rateTable(own: Rate, peer?: PeerRate): string {
  const row = (label: string, show: (rate: Rate) => string, ratio = ''): readonly string[] =>
    peer === undefined ? [label, show(own)] : [label, show(own), show(peer), ratio];
  return table([
    peer === undefined ? ['', 'csflow'] : ['', 'csflow', peer.version, 'ratio'],
    row('images a second', (rate) => shown(rate.imagesPerSecond, 3), peer?.ratio.toFixed(2)),
    row('share of the threads that was busy', (rate) => percent(rate.busyShare)),
    row('CPU time an image', (rate) => milliseconds(rate.cpuSecondsAnImage)),
    ...(own.compileSeconds === undefined
      ? []
      : [row('loading the model', (rate) => seconds(rate.compileSeconds ?? NaN))]),
  ]);
}

const settingsText = ({ mode, batch, workers }: TorchSettings): string =>
  `${mode}, batch ${batch}, ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
const ratioNote =
  'ratio: the median of the ratios within each turn; above 1 csflow goes through more images a second';

export function featuresText({ images, repeats, csflow, peer }: FeaturesReport): string {
  return [
    `From picture files to features (EfficientNet-Lite0, 384×384, three scales), ${images} pictures, medians of ${turns(repeats)}`,
    rateTable(csflow, peer),
    ...(peer
      ? [
          `${peer.version}: ${settingsText(peer.settings)}, the best of a first look; ${ratioNote}`,
          `largest difference of the features' means and mean squares: ${peer.largestDifference.toExponential(1)}`,
          ...peer.leftOut.map(({ settings, reason }) => `${settingsText(settings)} left out: ${reason}`),
        ]
      : []),
  ].join('\n');
}

export function predictText({ images, repeats, csflow, peer, command }: PredictReport): string {
  const { imagesPerSecond, secondsToFirstVerdict, secondsOfOnePicture } = command;
  return [
    `The model file from decoded pixels to scores, ${images} pictures, medians of ${turns(repeats)}`,
    rateTable(csflow, peer),
    ...(peer
      ? [
          `${peer.version} with hint ${peer.hint}, the better of a first look; ${ratioNote}`,
          `largest difference of a score: ${peer.largestDifference.toExponential(1)} of it`,
        ]
      : []),
    `csflow predict on the files, start and decoding included: ${shown(imagesPerSecond, 3)} images/s, ` +
      `${seconds(secondsToFirstVerdict)} to the first verdict; one picture from cold: ${seconds(secondsOfOnePicture)}`,
  ].join('\n');
}
