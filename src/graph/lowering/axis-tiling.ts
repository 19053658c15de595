import { at, matrix } from '../matrix.js';
import type { Matrix } from '../ops.js';
import type { TiledAxis } from './tiles.js';
import { largestTransform, winogradMatrices } from './winograd-matrices.js';

/** One axis of a convolution. */
export interface ConvolutionAxis {
  readonly length: number;
  readonly outputLength: number;
  readonly taps: number;
  readonly stride: number;
  /** Zeros before the first element. */
  readonly before: number;
  /** [length, fewer]: the linear map that the input comes from, where it was upsampled. */
  readonly upsampling?: Matrix;
}

export const lengthBeforeUpsampling = ({ length, upsampling }: ConvolutionAxis): number =>
  upsampling?.columns ?? length;

/** One axis of a convolution as tiles of so many outputs, each computed from `positions` products. */
export interface AxisTiling extends TiledAxis {
  /** [positions · tiles, input length]: cuts into padded tiles and transforms each. */
  readonly analysis: Matrix;
  /** [output length, positions · tiles]: transforms back. */
  readonly synthesis: Matrix;
  /** [positions, taps] */
  readonly kernel: Matrix;
}

/**
 * A convolution of stride s is a sum of s of stride 1, each of every s-th element with every s-th tap: as many taps
 * as each of these phases has.
 */
function phaseTaps({ taps, stride }: ConvolutionAxis): readonly number[] {
  return Array.from({ length: Math.min(stride, taps) }, (_, phase) => Math.ceil((taps - phase) / stride));
}

export const tilesOf = (axis: ConvolutionAxis, tile: number): number => Math.ceil(axis.outputLength / tile);

export const positionsOf = (axis: ConvolutionAxis, tile: number): number =>
  phaseTaps(axis).reduce((sum, taps) => sum + tile + taps - 1, 0);

/** Outputs of the largest tile whose transform has so many products; one output needs no transform. */
export function largestTile(axis: ConvolutionAxis, transform: number): number {
  const [longest] = phaseTaps(axis);
  return Math.max(1, transform + 1 - longest);
}

/** Outputs that a tile may have where the cost decides: no more than the axis, nor than keeps enough digits. */
export function possibleTiles(axis: ConvolutionAxis): readonly number[] {
  const largest = Math.min(axis.outputLength, largestTile(axis, largestTransform));
  return Array.from({ length: largest }, (_, i) => i + 1);
}

/** The tap of a position whose tile has one output. */
const tapOf = ({ row, phase }: { readonly row: number; readonly phase: number }, stride: number): number =>
  stride * row + phase;

/** Tiles an axis for Winograd's F(tile, taps), phase by phase. */
export function tileAxis(axis: ConvolutionAxis, tile: number): AxisTiling {
  const { length, outputLength, taps, stride, before } = axis;
  const tiles = tilesOf(axis, tile);
  const phases = phaseTaps(axis).flatMap((phaseLength, phase) => {
    const { output, kernel, input } = winogradMatrices(tile, phaseLength);
    return Array.from({ length: input.rows }, (_, row) => ({ output, kernel, input, row, phase }));
  });
  // Products of tiles of one output are the taps: in their order the kernel is taken as it is.
  const positions = tile === 1 ? phases.toSorted((a, b) => tapOf(a, stride) - tapOf(b, stride)) : phases;
  const rows = positions.length * tiles;
  return {
    positions: positions.length,
    tiles,
    analysis: matrix(rows, length, (place, column) => {
      const { input, row, phase } = positions[Math.floor(place / tiles)];
      const offset = column - (stride * tile * (place % tiles) + phase - before);
      const within = offset / stride;
      return Number.isInteger(within) && within >= 0 && within < input.columns ? at(input, row, within) : 0;
    }),
    synthesis: matrix(outputLength, rows, (place, column) => {
      const { output, row } = positions[Math.floor(column / tiles)];
      return Math.floor(place / tile) === column % tiles ? at(output, place % tile, row) : 0;
    }),
    kernel: matrix(positions.length, taps, (place, tap) => {
      const { kernel, row, phase } = positions[place];
      return tap % stride === phase ? at(kernel, row, (tap - phase) / stride) : 0;
    }),
  };
}
