/**
 * `bitgauss inspect`: what is in a model file.
 *
 * @module
 */
import type { Command } from 'commander';
import { alignTable } from '../../core/table.js';
import { loadModel } from '../../index.js';
import { readBytes } from '../files.js';
import { printJson } from '../reporter.js';

export function inspect(program: Command): Command {
  return program
    .command('inspect')
    .description('Layers, sizes and classes of a model file.')
    .argument('<model>', 'model file')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, flags: { json?: boolean }) => {
      const model = await loadModel(readBytes(path));
      const { input, labels, ops, bytes } = model;
      const binaryBytes = ops.filter(({ name }) => name.endsWith('_b1b1')).reduce((sum, op) => sum + op.bytes, 0);
      if (flags.json === true) {
        printJson({ file: path, bytes, binaryBytes, input, labels, ops });
        return;
      }
      const rows = ops.map((op) => [op.name, op.outputShape.join('x'), String(op.macs), String(op.bytes)]);
      const table = [['operation', 'output', 'multiply-adds', 'bytes'], ...rows];
      process.stdout.write(`${path}: ${bytes} bytes, ${binaryBytes} of them 1-bit weights\n`);
      process.stdout.write(
        `input ${input.height}x${input.width}x${input.channels} ${input.type}, ${labels.length} classes: ${labels.join(', ')}\n\n`,
      );
      for (const line of alignTable(table)) process.stdout.write(`${line}\n`);
    });
}
