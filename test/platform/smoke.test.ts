// The smoke run in this process, and its stored logits against the definitions.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import * as data from '../../src/data.js';
import * as bitgauss from '../../src/index.js';
import * as training from '../../src/train.js';
import { evaluateFile } from '../helpers/evaluate-file.js';
import { differences } from './judge.js';
import { type SmokeReport, smoke } from './smoke.js';
import stored from './smoke.json' with { type: 'json' };

vi.mock('#platform', async () => await import('../../src/platform/node.js'));

const file = new Uint8Array(readFileSync(new URL('../../examples/models/mnist-convnet.safetensors', import.meta.url)));

test('the stored logits are those of the definitions, for ten images of ten classes', () => {
  const { test: images } = data.digits({ train: 1, test: 10, seed: 6 });
  expect(stored.logits).toHaveLength(10);
  stored.logits.forEach((logits, i) => {
    const pixels = new Uint8Array(784);
    images.read(Uint32Array.of(i), { images: pixels, labels: new Int32Array(1) });
    expect(logits).toHaveLength(10);
    expect(evaluateFile(file, pixels)).toEqual(logits);
  });
});

describe('in this process', () => {
  let report: SmokeReport;
  beforeAll(async () => {
    report = await smoke({ bitgauss, data, training }, file);
  });

  test('logits and models are those stored: where a change is meant to change them, npm run test:platforms -- --update --only node-24', () => {
    expect(differences({ smoke: report, kernels: {} }, { ...stored, kernels: {} })).toEqual([]);
  });

  test('every run was on one thread and on two', () => {
    expect(Object.keys(stored.models)).toEqual(['ste', 'vispa']);
    for (const hashes of Object.values(report.models)) expect(Object.keys(hashes)).toEqual(['1', '2']);
  });
});

/** Training with another `train`, and a `fit` that costs nothing. */
const differing: [string, (options: training.TrainOptions) => object, RegExp][] = [
  [
    'an abort that is not heeded',
    (options) => training.train({ ...options, epochs: 1, signal: undefined }),
    /got an end without an error, expected the reason/,
  ],
  [
    'another reason',
    () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('other')) }) }),
    /got Error: other, expected the reason/,
  ],
];
test.each(differing)('%s is found', async (_, train, message) => {
  const fit = async (): Promise<object> => ({ model: new Uint8Array() });
  const changed = { ...training, fit, train } as unknown as typeof training;
  await expect(smoke({ bitgauss, data, training: changed }, file)).rejects.toThrow(message);
});
