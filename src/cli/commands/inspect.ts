/**
 * `bitgauss inspect`: what is in a model file, and the wasm memory that it needs when loaded.
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
    .description('Layers, sizes, memory and classes of a model file.')
    .argument('<model>', 'model file')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, flags: { json?: boolean }) => {
      const model = await loadModel(readBytes(path));
      const { input, labels, ops, bytes, members, memberBytes, memoryBytes, memory } = model;
      const binaryBytes = ops.filter(({ name }) => name.endsWith('_b1b1')).reduce((sum, op) => sum + op.bytes, 0);
      if (flags.json === true) {
        printJson({ file: path, bytes, binaryBytes, members, memberBytes, memoryBytes, memory, input, labels, ops });
        return;
      }
      const lines = [
        `${path}: ${bytes} bytes, ${binaryBytes} of them 1-bit weights`,
        ...(members === 0 ? [] : [`ensemble of ${members} members, with bytes of their own: ${memberBytes.join(', ')}`]),
        `input ${input.height}x${input.width}x${input.channels} ${input.type}, ${labels.length} classes: ${labels.join(', ')}`,
        `memory ${memoryBytes} bytes: ${memory.constants} constants, ${memory.activations} activations, ${memory.scratch} scratch`,
        '',
        ...alignTable([
          ['operation', 'output', 'multiply-adds', 'bytes', 'constants', 'activations', 'workspace'],
          ...ops.map((op) => [
            op.name,
            op.outputShape.join('x'),
            ...[op.macs, op.bytes, op.memory.constants, op.memory.output, op.memory.workspace].map(String),
          ]),
        ]),
      ];
      for (const line of lines) process.stdout.write(`${line}\n`);
    });
}
