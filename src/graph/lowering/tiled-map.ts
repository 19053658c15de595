import { matMul, reshape, transpose } from '../build.js';
import { fixedDims } from '../dims.js';
import type { Node, NodeOf } from '../ops.js';
import { matrixConstant } from './matrix-constant.js';
import { isSmallKronecker } from './spatial-map.js';

/**
 * Positions and tiles of both axes, [P, Ti, Q, Tj, c], to positions first, [P, Q, Tj, Ti, c]: the products of all
 * positions are then one batch.
 */
export const positionsFirst = [0, 2, 3, 1, 4] as const;
/** Back from positions first. */
export const tilesBeside = [0, 3, 1, 2, 4] as const;

const isPermuted = (node: Node, by: readonly number[]): node is NodeOf<'Transpose'> & Node =>
  node.op === 'Transpose' && node.attributes.permutation.join() === by.join();

/** Exchanges the two middle axes; where one has a single element, they lie as they are to lie. */
function swapMiddle(x: Node, [a, b, c, d]: readonly [number, number, number, number]): Node {
  const split = reshape(x, [a, b, c, d]);
  return b === 1 || c === 1 ? split : transpose(split, [0, 2, 1, 3]);
}

/**
 * A map into tiles and the reordering that follows it: the reordering goes between the two products, where values are
 * fewer than after both.
 */
export function tiledMap(node: NodeOf<'Transpose'> & Node): Node {
  const split = node.inputs[0];
  if (!isPermuted(node, positionsFirst) || split.op !== 'Reshape') return node;
  const map = split.inputs[0];
  if (map.op !== 'SpatialMap' || map.attributes.axis !== 0 || isSmallKronecker(map)) return node;
  const { left, right, again } = map.attributes;
  const [down, tilesDown, across, tilesAcross, inner] = fixedDims(split.type.dims, 'SpatialMap');
  if (down * tilesDown !== left.rows || across * tilesAcross !== right.rows) return node;
  const [height, width] = fixedDims(map.inputs[0].type.dims, 'SpatialMap');
  const flat = reshape(map.inputs[0], [height, width * inner]);
  const downDone = matMul(matrixConstant(left, again), flat);
  const between = swapMiddle(downDone, [down, tilesDown, width, inner]);
  const bothDone = matMul(matrixConstant(right), reshape(between, [down, width, tilesDown * inner]));
  return reshape(bothDone, [down, across, tilesAcross, tilesDown, inner]);
}

/** The reordering back and the map that follows it, likewise. */
export function untiledMap(node: NodeOf<'SpatialMap'> & Node): Node {
  const beside = node.inputs[0].op === 'Reshape' ? node.inputs[0].inputs[0] : node.inputs[0];
  if (node.attributes.axis !== 0 || !isPermuted(beside, tilesBeside) || isSmallKronecker(node)) return node;
  const { left, right, again } = node.attributes;
  const [down, across, tilesAcross, tilesDown, inner] = fixedDims(beside.inputs[0].type.dims, 'SpatialMap');
  if (down * tilesDown !== left.columns || across * tilesAcross !== right.columns) return node;
  const [height, width] = [left.rows, right.rows];
  const flat = reshape(beside.inputs[0], [down, across * tilesAcross, tilesDown * inner]);
  const acrossDone = matMul(matrixConstant(right, again), flat);
  const between = swapMiddle(acrossDone, [down, width, tilesDown, inner]);
  const bothDone = matMul(matrixConstant(left), reshape(between, [down * tilesDown, width * inner]));
  return reshape(bothDone, [height, width, ...node.type.dims.slice(2)]);
}
