import {
  add,
  conv,
  layoutAxes,
  leakyRelu,
  mul,
  spatialMap,
  type ConvGeometry,
  type Layout,
  type Node,
} from '../graph/index.js';
import { branchesOf, mapSizeAt, type FlowConfiguration } from './configuration.js';
import { linearInterpolation } from './interpolation.js';
import { neighbours, subnetLayers } from './parameters.js';

const leakySlope = 0.1;

function same(kernel: number, stride: number, layout: Layout): ConvGeometry {
  const pad = Math.floor(kernel / 2);
  return { strides: [stride, stride], pads: [pad, pad, pad, pad], groups: 1, layout };
}

/**
 * The subnet of CS-Flow (WACV 2022, §3.2, fig. 4): two convolutions at each scale; between them each scale also
 * gives to its neighbours, upwards after bilinear ×2, downwards with stride 2.
 * @param parameter the node of a parameter of this subnet, by its name within the subnet
 * @returns (s, t) of each scale, concatenated over channels
 */
export function crossConvolutions(
  inputs: readonly Node[],
  parameter: (name: string) => Node,
  kernel: number,
  configuration: FlowConfiguration,
  layout: Layout,
): readonly Node[] {
  const layer = (x: Node, name: string, stride = 1): Node =>
    conv(x, parameter(`${name}.weight`), parameter(`${name}.bias`), same(kernel, stride, layout));
  const branches = branchesOf(configuration);
  const pairs = neighbours(configuration);
  const hidden = new Map(
    branches.map(({ scale }, i) => [
      scale,
      leakyRelu(layer(inputs[i], subnetLayers.first(scale)), leakySlope),
    ]),
  );
  const upsampled = (scale: number): Node => {
    const [height, width] = mapSizeAt(configuration, scale);
    const [up, across] = [linearInterpolation(height, 2 * height), linearInterpolation(width, 2 * width)];
    return spatialMap(hidden.get(scale)!, layoutAxes[layout].height, up, across);
  };
  return branches.map(({ scale }) => {
    let out = layer(hidden.get(scale)!, subnetLayers.second(scale));
    const finer = pairs.find(([, coarse]) => coarse === scale)?.[0];
    const coarser = pairs.find(([fine]) => fine === scale)?.[1];
    if (finer !== undefined) out = add(out, layer(hidden.get(finer)!, subnetLayers.down(finer, scale), 2));
    if (coarser !== undefined) out = add(out, layer(upsampled(coarser), subnetLayers.up(coarser, scale)));
    return configuration.gamma ? mul(out, parameter(`gamma${scale}`)) : out;
  });
}
