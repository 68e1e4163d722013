/**
 * `bitgauss predict`: classifies PNG files with a model file.
 *
 * @module
 */
import type { Command } from 'commander';
import { loadModel } from '../../index.js';
import { EXIT, Exit } from '../exit.js';
import { readBytes } from '../files.js';
import { readPng } from '../png.js';
import { percent, printJson } from '../reporter.js';

export function predict(program: Command): Command {
  return program
    .command('predict')
    .description('Classify PNG files: class and probability.')
    .argument('<model>', 'model file')
    .argument('<images...>', 'PNG files of the size the model was trained on')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (path: string, images: string[], flags: { json?: boolean }) => {
      const model = await loadModel(readBytes(path));
      if (model.input.type !== 'u8')
        throw new Exit(EXIT.failed, `${path}: this model takes numbers that are no pixels, so it cannot read PNG files`);
      for (const image of images) {
        const { label, name, probabilities } = model.predict(readPng(image, model.input));
        const probability = probabilities[label];
        if (flags.json === true) printJson({ file: image, label, name, probability, probabilities: [...probabilities] });
        else process.stdout.write(`${image}: ${name} (${percent(probability)})\n`);
      }
    });
}
