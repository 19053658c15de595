import type { Machine, Versions } from '../bench/machine.js';
import type { Comparison, MemoryComparison, RowReport } from '../bench/row-report.js';
import type { BenchReport } from '../bench/run-bench.js';
import { showRow } from '../bench/rows.js';
import type { Backend } from '../runtime/session.js';
import { milliseconds, turns } from './bench-figures.js';
import { growthJson, growthText } from './growth-report.js';
import { table } from './output.js';
import { featuresJson, featuresText, predictJson, predictText } from './pictures-report.js';

export interface BenchCircumstances {
  readonly machine: Machine;
  readonly versions: Versions;
  readonly threads: number;
  readonly backend: Backend;
}

function comparisonJson({ csflow, peer }: Comparison) {
  if (peer === undefined) return { csflow_s: csflow };
  const { seconds, mode, ratio, pairedRatio, bf16Seconds } = peer;
  return {
    csflow_s: csflow,
    peer_s: seconds,
    peer_mode: mode,
    ratio_of_medians: ratio,
    median_of_paired_ratios: pairedRatio,
    peer_bf16_s: bf16Seconds ?? null,
  };
}

function memoryJson({ csflow, peer }: MemoryComparison) {
  const figures = ({ peakBytes, lessStateBytes }: MemoryComparison['csflow']) => ({
    peak_bytes: peakBytes,
    ...(lessStateBytes !== undefined && { less_16_bytes_a_parameter: lessStateBytes }),
  });
  return { csflow: figures(csflow), ...(peer && { peer: figures(peer) }) };
}

function rowJson({ row, parameters, memory, modesLeftOut, ...times }: RowReport) {
  const { channels, mapSize, hidden, batch, repeats } = row;
  return {
    channels,
    map: mapSize,
    hidden,
    batch,
    repeats,
    parameters,
    training_step: comparisonJson(times.trainingStep),
    ...(times.inferenceBatch1 && { inference_batch_1: comparisonJson(times.inferenceBatch1) }),
    ...(times.inferenceBatch && { inference_batch: comparisonJson(times.inferenceBatch) }),
    memory: {
      training: memoryJson(memory.training),
      ...(memory.inference && { inference: memoryJson(memory.inference) }),
    },
    peer_modes_left_out: modesLeftOut,
  };
}

/** The report for machines. */
export function benchJson(
  { rows, peer, features, predict, growth }: BenchReport,
  { machine, versions, threads, backend }: BenchCircumstances,
) {
  const { cpu, cores, memoryBytes, os } = machine;
  return {
    machine: { cpu, cores, memory_bytes: memoryBytes, os },
    versions: { ...versions, peer: peer ?? null },
    threads,
    device: backend,
    rows: rows.map(rowJson),
    ...(features && { features: featuresJson(features) }),
    ...(predict && { predict: predictJson(predict) }),
    ...(growth && { growth: growthJson(growth) }),
  };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

function timeRow(name: string, { csflow, peer }: Comparison): readonly string[] {
  if (peer === undefined) return [name, milliseconds(csflow)];
  const { seconds, mode, ratio, pairedRatio, bf16Seconds } = peer;
  const ratios = [ratio, pairedRatio].map((one) => one.toFixed(2));
  const bf16 = bf16Seconds === undefined ? '–' : milliseconds(bf16Seconds);
  return [name, milliseconds(csflow), milliseconds(seconds), mode, ...ratios, bf16];
}

function memoryRows(name: string, { csflow, peer }: MemoryComparison): readonly (readonly string[])[] {
  const row = (label: string, ours?: number, theirs?: number): readonly string[] => {
    if (ours === undefined) return [];
    if (theirs === undefined) return [label, gigabytes(ours)];
    const ratio = theirs > 0 && ours > 0 ? (theirs / ours).toFixed(2) : '–';
    return [label, gigabytes(ours), gigabytes(theirs), '', ratio, '', ''];
  };
  return [
    row(`peak memory, ${name}`, csflow.peakBytes, peer?.peakBytes),
    row('  less 16 bytes a parameter', csflow.lessStateBytes, peer?.lessStateBytes),
  ].filter((cells) => cells.length > 0);
}

function rowText({ row, parameters, memory, modesLeftOut, ...times }: RowReport): string {
  const { trainingStep, inferenceBatch1, inferenceBatch } = times;
  const withPeer = trainingStep.peer !== undefined;
  const lines = [
    ['', 'csflow', ...(withPeer ? ['PyTorch', 'mode', 'ratio', 'paired', 'bf16 once'] : [])],
    timeRow('training step', trainingStep),
    ...(inferenceBatch1 ? [timeRow('inference, batch 1', inferenceBatch1)] : []),
    ...(inferenceBatch ? [timeRow(`inference, batch ${row.batch}`, inferenceBatch)] : []),
    ...memoryRows('training', memory.training),
    ...(memory.inference ? memoryRows('inference', memory.inference) : []),
  ];
  const counts = `${(parameters / 1e6).toFixed(2)} million parameters, ${turns(row.repeats)}`;
  const leftOut = modesLeftOut.map(({ mode, reason }) => `\nPyTorch's mode ${mode} left out: ${reason}`);
  return `${showRow(row)}; ${counts}\n${table(lines)}${leftOut.join('')}`;
}

/** The report for people. */
export function benchText(
  report: BenchReport,
  { machine, versions, threads, backend }: BenchCircumstances,
): string {
  const { cpu, cores, memoryBytes, os } = machine;
  const { csflow, node, onnxruntime } = versions;
  const head =
    `${cpu}, ${cores} cores, ${gigabytes(memoryBytes)}, ${os}; ${threads} threads, csflow on ${backend}\n` +
    `csflow ${csflow}, Node ${node}, ONNX Runtime ${onnxruntime}${report.peer === undefined ? '' : `, ${report.peer}`}`;
  const foot =
    report.peer === undefined
      ? []
      : [
          `Medians over the turns. ratio: PyTorch's median time (or memory) divided by csflow's; paired: the median of ` +
            `the ratios within each turn. Above 1 csflow is better.`,
        ];
  const { rows, features, predict, growth } = report;
  return [
    head,
    ...rows.map(rowText),
    ...foot,
    ...(features ? [featuresText(features)] : []),
    ...(predict ? [predictText(predict)] : []),
    ...(growth ? [growthText(growth)] : []),
  ].join('\n\n');
}
