import {
  branchesOf,
  compileFrozen,
  frozenInverse,
  inverseWeights,
  mapSizeAt,
  type FlowConfiguration,
} from '../../csflow/index.js';
import { UserError } from '../../errors.js';
import { pValues } from '../../evaluation/index.js';
import { input, withOnnxOutputs, type Node } from '../../graph/index.js';
import { valuesOf, type Device, type Feeds, type Session } from '../../runtime/session.js';
import { innerNames } from '../detector-program.js';
import type { Picture } from '../inspector.js';
import type { ModelMetadata } from '../model-metadata.js';
import { goodScoresOf } from '../model-threshold.js';
import { readModel } from '../read-flow.js';
import { standardisationLogDets, type TrainedFlow } from '../trained-flow.js';
import { explanationOf, type ReadImage } from './explain-values.js';
import type { Explanation } from './explanation.js';

/** A model ready to say why. */
export interface Explainer {
  readonly metadata: ModelMetadata;
  explain(picture: Picture): Promise<Explanation>;
  close(): Promise<void>;
}

/**
 * Opens a model file for explanations: backbone and flow run as the file has them, with what the flow reads and its
 * latents as further outputs; the flow's inverse is made from the file's weights. No other file is needed. Close it when
 * done.
 * @param source names the file in errors
 * @throws UserError where it is no model of csflow, or a damaged one, or one that looks at tiles or at a region
 */
export async function openExplainer(model: Uint8Array, device: Device, source: string): Promise<Explainer> {
  const { metadata, flow } = readModel(model, source);
  demandWholePictures(metadata, source);
  const { configuration } = flow;
  const names = innerNames(configuration);
  const outputs = ['score', 'anomaly_map', ...names.inputs, ...names.latents];
  const forward = await device.compile(withOnnxOutputs(model, outputs, source));
  const backward = await openInverse(flow, device);
  const pValue = pValues(goodScoresOf(metadata));
  const facts = {
    configuration,
    transformLogDet: transformLogDet(flow),
    standardised: flow.standardisation.scales.some(({ deviation }) => deviation.some((value) => value !== 1)),
  };
  const read = async ({ width, height, data }: Picture): Promise<ReadImage> => {
    const results = await forward.run({ image: { dtype: 'uint8', dims: [1, height, width, 3], data } });
    const values = (list: readonly string[]) => list.map((name) => valuesOf(results, name, 'float32'));
    return {
      score: values(['score'])[0][0],
      map: values(['anomaly_map'])[0],
      inputs: values(names.inputs),
      latents: values(names.latents),
    };
  };
  return {
    metadata,
    async explain(picture) {
      const image = await read(picture);
      const explained = await explanationOf(image, facts, {
        picture,
        mapSize: metadata.configuration.size,
        pixelThreshold: metadata.threshold.pixel.value,
        invert: (latents) => invert(backward, configuration, latents),
      });
      return {
        ...explained,
        pValue: pValue(image.score),
        defective: image.score > metadata.threshold.value,
      };
    },
    async close() {
      await forward.close();
      await backward.close();
    },
  };
}

/** Of tiles, or of a part of the positions, scales and regions would be shares of something else than the score. */
function demandWholePictures({ view, roi }: ModelMetadata, source: string): void {
  if (view.kind === 'whole' && roi === undefined) return;
  throw new UserError(
    `${source}: expected a model that looks at whole pictures, got one that looks at ` +
      `${view.kind === 'tiles' ? 'tiles' : 'a region of interest'}; its heatmaps (csflow predict --heatmaps) show where the score lies`,
  );
}

/** One picture's explanation; to explain several, open the model once with `openExplainer`. */
export async function explainImage(
  model: Uint8Array,
  picture: Picture,
  device: Device,
  source: string,
): Promise<Explanation> {
  const explainer = await openExplainer(model, device, source);
  try {
    return await explainer.explain(picture);
  } finally {
    await explainer.close();
  }
}

/** Undefined where the flow reads features that are repeated. */
function transformLogDet(flow: TrainedFlow): number | undefined {
  if (flow.configuration.cross === 'concat') return undefined;
  const logDets = standardisationLogDets(flow);
  return branchesOf(flow.configuration).reduce((sum, { scale }) => sum + logDets[scale], 0);
}

/** Latents as they are, and with the regions at their mode. */
const together = 2;

/** So many images at once. Inputs `z<s>`, outputs `u<s>` and `log_det<s>`, of each branch. */
function openInverse({ configuration, parameters }: TrainedFlow, device: Device): Promise<Session> {
  const branches = branchesOf(configuration);
  const names = innerNames(configuration);
  const latents = branches.map(({ scale, channels }, i) =>
    input(names.latents[i], [together, channels, ...mapSizeAt(configuration, scale)]),
  );
  const frozen = frozenInverse(configuration, parameters, latents, inverseWeights(configuration));
  const { features, logDets } = frozen;
  const program: Record<string, Node> = {};
  branches.forEach(({ scale }, i) => {
    program[names.inputs[i]] = features[i];
    program[`log_det${scale}`] = logDets[i];
  });
  return compileFrozen(device, program, frozen, { name: 'inverse' });
}

/** Takes the latents of `together` images, each one array a branch, back to what the flow reads. */
async function invert(
  session: Session,
  configuration: FlowConfiguration,
  images: readonly (readonly Float32Array[])[],
) {
  const names = innerNames(configuration);
  const branches = branchesOf(configuration);
  const feeds: Feeds = Object.fromEntries(
    branches.map(({ scale, channels }, i) => {
      const perImage = images[0][i].length;
      const data = new Float32Array(together * perImage);
      images.forEach((latents, k) => data.set(latents[i], k * perImage));
      const dims = [together, channels, ...mapSizeAt(configuration, scale)];
      return [names.latents[i], { dtype: 'float32', dims, data }];
    }),
  );
  const results = await session.run(feeds);
  return images.map((latents, k) => ({
    features: latents.map(({ length }, i) =>
      valuesOf(results, names.inputs[i], 'float32').subarray(k * length, (k + 1) * length),
    ),
    logDets: branches.map(({ scale }) => valuesOf(results, `log_det${scale}`, 'float32')[k]),
  }));
}
