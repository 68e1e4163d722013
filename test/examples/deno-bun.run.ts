// The programs print what they should, and train to the bytes that Node trains to, on another number of threads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { installExample, modelBytes } from './example.js';
import { program } from './hosts.js';
import { DIGITS } from './images.js';

const TRAIN = `import { writeFileSync } from 'node:fs';
import { trainDigits } from './train.ts';
writeFileSync('node.safetensors', await trainDigits(1));`;

const percent = (probabilities: Float32Array): string => `${(100 * Math.max(...probabilities)).toFixed(1)} %`;

test.each([
  ['deno', ['run', '--no-prompt', '--allow-read', '--allow-write=digits.safetensors', 'main.ts']],
  ['bun', ['main.ts']],
])('examples/%s predicts, and trains on two threads to the bytes of Node on one', async (host, args) => {
  const example = installExample(host);
  try {
    if (host === 'deno') example.run(program('deno'), 'check', 'main.ts');
    const lines = example
      .run(program(host), ...args)
      .trim()
      .split('\n');
    example.run(program('node-24'), '--input-type=module', '-e', TRAIN);
    const [bytes, node] = ['digits', 'node'].map((name) => readFileSync(join(example.folder, `${name}.safetensors`)));
    expect(bytes.equals(node)).toBe(true);
    const seven = (await loadModel(modelBytes)).predict(DIGITS['7']);
    expect(seven.name).toBe('7');
    expect(lines).toEqual([
      `trained on MNIST: 7, ${percent(seven.probabilities)}`,
      'training on 2 threads',
      ...[1, 2, 3].map((epoch) => expect.stringMatching(`^epoch ${epoch}: loss \\d\\.\\d{3}$`)),
      expect.stringMatching(/^test accuracy (8[5-9]|9\d)\.\d %, \d+ images\/s$/),
      `trained here: ${(await loadModel(bytes)).predict(DIGITS['7']).name}; digits.safetensors, ${bytes.length} bytes`,
    ]);
    console.log(`${host}: ${lines.slice(-2).join('; ')}`);
  } finally {
    example.remove();
  }
});
