import { branchesOf, mapSizeAt, scales } from '../csflow/index.js';
import { UsageError } from '../errors.js';
import { openDensity, type Density } from '../flow/index.js';
import type { Device } from '../runtime/session.js';
import { moduleOf, type TrainedFlow } from './trained-flow.js';

/**
 * A trained flow as what it is: a density over the features of an image, three maps [N, C, H/2ˢ, W/2ˢ]. Its inverse
 * undoes it wherever no value was cut to ±1e6; its log-probability includes the input transform's log-det. Close it
 * when done.
 * @throws UsageError for an ablation that does not keep the three scales as they are
 */
export function openFlowModel(flow: TrainedFlow, device: Device): Promise<Density> {
  const { configuration } = flow;
  if (branchesOf(configuration).length !== scales) {
    throw new UsageError(
      'flow: expected one over all three scales, got an ablation that reads or joins fewer',
    );
  }
  const sampleDims = Array.from({ length: scales }, (_, s) => [
    configuration.channels,
    ...mapSizeAt(configuration, s),
  ]);
  return openDensity(moduleOf(flow), sampleDims, device);
}
