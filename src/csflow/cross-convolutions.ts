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
import { mapSizeAt, scales, type FlowConfiguration } from './configuration.js';
import { linearInterpolation } from './interpolation.js';
import { subnetLayers } from './parameters.js';

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
  const hidden = inputs.map((x, s) => leakyRelu(layer(x, subnetLayers.first(s)), leakySlope));
  const upsampled = (s: number): Node => {
    const [height, width] = mapSizeAt(configuration, s);
    const [up, across] = [linearInterpolation(height, 2 * height), linearInterpolation(width, 2 * width)];
    return spatialMap(hidden[s], layoutAxes[layout].height, up, across);
  };
  return hidden.map((y, s) => {
    let out = layer(y, subnetLayers.second(s));
    if (s > 0) out = add(out, layer(hidden[s - 1], subnetLayers.down(s - 1, s), 2));
    if (s + 1 < scales) out = add(out, layer(upsampled(s + 1), subnetLayers.up(s + 1, s)));
    return configuration.gamma ? mul(out, parameter(`gamma${s}`)) : out;
  });
}
