import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { decodeImage } from '../../data/index.js';
import { messageOf, UserError } from '../../errors.js';
import { openExplainer } from '../../inspector/explain/explainer.js';
import { writePng } from '../../report/index.js';
import { deviceOption, openDevice, type DeviceFlags } from '../device-option.js';
import { drawExplanation, explanationRows } from '../explanation-picture.js';
import { printExplanation } from '../explanation-report.js';
import { readModelFile } from '../model-file.js';
import { print, printJson, type CommonOptions } from '../output.js';
import { count } from '../parse.js';
import { pictureNames } from '../picture-names.js';

interface ExplainFlags extends CommonOptions, DeviceFlags {
  readonly out?: string;
  readonly logDet?: boolean;
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say why an image has its score: which scale and which region, and what was expected there')
    .argument('<model>', 'a model file')
    .argument('<images...>', 'image files')
    .option('-o, --out <dir>', 'write a picture of each image with its maps')
    .option('--log-det', 'tell the log-determinant and the bits per dimension too')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads of the network (default: all cores)', count)
    .option('--json', 'one JSON object an image on stdout')
    .addHelpText('after', '\nExample:\n  csflow explain parts.onnx photo.jpg --out why')
    .action(runExplain);
}

async function runExplain(modelPath: string, paths: readonly string[], flags: ExplainFlags): Promise<void> {
  const { out, logDet = false, json = false } = flags;
  const model = await readModelFile(modelPath);
  const device = await openDevice(flags);
  const names = pictureNames(paths);
  let failed = 0;
  try {
    const explainer = await openExplainer(model, device, modelPath);
    const threshold = explainer.metadata.threshold.value;
    for (const path of paths) {
      const image = await decodeImage(resolve(path)).catch(messageOf);
      if (typeof image === 'string') {
        failed++;
        if (json) printJson({ path, error: image });
        else process.stderr.write(`${image}\n`);
        continue;
      }
      const explanation = await explainer.explain(image);
      const picture = out === undefined ? undefined : join(resolve(out), names.get(path)!);
      printExplanation({ path, explanation, threshold, picture }, { json, logDet });
      if (picture !== undefined)
        await writePng(picture, await drawExplanation(image, explanation, explainer.metadata));
      if (process.stdout.destroyed) break;
    }
    if (out !== undefined && !json && failed < paths.length) print(explanationRows);
  } finally {
    await device.close();
  }
  if (failed > 0) throw new UserError(`${failed} of ${paths.length} images could not be read`);
}
