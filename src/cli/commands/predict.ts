/**
 * `bitgauss predict`: classifies PNG and JPEG files with a model file.
 *
 * @module
 */
import type { Command } from 'commander';
import { loadModel } from '../../index.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes } from '../files.js';
import { readImage } from '../image-file.js';
import { untilOption } from '../options.js';
import { percent, printJson } from '../reporter.js';

interface PredictFlags {
  until?: number;
  json?: boolean;
}

export function predict(program: Command): Command {
  return program
    .command('predict')
    .description('Classify PNG and JPEG files: class and probability.')
    .argument('<model>', 'model file')
    .argument('<images...>', 'PNG or JPEG files of the size the model was trained on')
    .addOption(untilOption())
    .option('--json', 'one JSON object a line on stdout')
    .action(async (path: string, images: string[], { until, json }: PredictFlags) => {
      const model = await loadModel(readBytes(path));
      if (model.input.type !== 'u8')
        throw new Exit(EXIT.failed, `${path}: this model takes numbers that are no pixels, so it cannot read pictures`);
      for (const image of images) {
        const { label, name, probabilities, members } = model.predict(readImage(image, model.input), { until });
        const probability = probabilities[label];
        const vote = model.members === 0 ? '' : `, ${members} of ${model.members} members`;
        if (json === true) printJson({ file: image, label, name, probability, members, probabilities: [...probabilities] });
        else process.stdout.write(`${image}: ${name} (${percent(probability)}${vote})\n`);
      }
    });
}
