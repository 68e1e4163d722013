/**
 * `bitgauss demo`, which `npm start` runs: trains convnet with VISPA on the built-in digits, writes the model and classifies five test
 * digits with the inference runtime.
 *
 * @module
 */
import type { Command } from 'commander';
import { digits } from '../../data.js';
import { loadModel } from '../../index.js';
import { convnet, vispa } from '../../train.js';
import { requireWritable } from '../files.js';
import { printJson } from '../reporter.js';
import { trainToFile } from './train.js';

const SHOWN = 5;

export function demo(program: Command): Command {
  return program
    .command('demo')
    .description('Train a small 1-bit network on the built-in digits and classify a few (what npm start runs).')
    .option('--out <file>', 'where the model is written', 'digits.safetensors')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (flags: { out: string; json?: boolean }) => {
      requireWritable(flags.out);
      const data = digits();
      const bytes = await trainToFile({ model: convnet, data, method: vispa(), epochs: 8 }, flags);
      const model = await loadModel(bytes);
      const { height, width } = data.test.shape;
      for (let i = 0; i < SHOWN; i++) {
        const images = new Uint8Array(height * width);
        const labels = new Int32Array(1);
        data.test.read(Uint32Array.of(i), { images, labels });
        const { label, name, probabilities } = model.predict(images);
        if (flags.json === true)
          printJson({ event: 'prediction', index: i, expected: labels[0], label, probability: probabilities[label] });
        else {
          process.stdout.write(`\n${draw(images, width)}\n`);
          process.stdout.write(`it is a ${labels[0]}; the network says ${name} (${(100 * probabilities[label]).toFixed(1)} %)\n`);
        }
      }
    });
}

/** Grey pixels as text, two characters a pixel and one line for two rows. */
function draw(pixels: Uint8Array, width: number): string {
  const shades = ' ░▒▓█';
  const rows: string[] = [];
  for (let y = 0; y + 1 < pixels.length / width; y += 2) {
    let row = '';
    for (let x = 0; x < width; x++) {
      const level = (pixels[y * width + x] + pixels[(y + 1) * width + x]) / 2;
      row += shades[Math.min(4, Math.round(level / 51))];
    }
    rows.push(row.trimEnd());
  }
  return rows.join('\n');
}
