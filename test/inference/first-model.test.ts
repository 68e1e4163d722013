// The model that ships: small enough for one request, and as good as its README says.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadDataset } from '../../src/data.js';
import { loadModelSync } from '../../src/index.js';

const file = (name: string): Buffer => readFileSync(new URL(`../../examples/models/${name}`, import.meta.url));
const bytes = file('mnist-convnet.safetensors');
const readme = file('README.md').toString();

test('it has at most 24 KB and a binary head; its README tells its size and bytes', () => {
  expect(bytes.length).toBeLessThanOrEqual(24 * 1024);
  expect(readme).toContain(`${bytes.length.toLocaleString('en-US')} bytes`);
  expect(readme).toContain(createHash('sha256').update(bytes).digest('hex'));
  const { ops, labels, input } = loadModelSync(new Uint8Array(bytes));
  expect(ops.at(-2)?.name).toBe('linear_b1b1');
  expect(labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(input).toEqual({ height: 28, width: 28, channels: 1, type: 'u8' });
});

test.skipIf(!process.env.BITGAUSS_DATA)('it has the test accuracy that its README claims (needs BITGAUSS_DATA with mnist)', async () => {
  const { test: digits } = await loadDataset('mnist', { dataDir: process.env.BITGAUSS_DATA });
  if (digits === undefined) throw new Error('MNIST has a test set');
  const model = loadModelSync(new Uint8Array(bytes));
  const images = new Uint8Array(digits.length * 784);
  const labels = new Uint8Array(digits.length);
  digits.read(
    Uint32Array.from(labels, (_, i) => i),
    { images, labels },
  );
  const correct = labels.filter((label, i) => model.predict(images.subarray(i * 784, (i + 1) * 784)).label === label).length;
  expect(readme).toContain(`Test accuracy ${((100 * correct) / digits.length).toFixed(2)} %`);
});
