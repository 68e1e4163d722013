// The scale of binary weights: the same bits as a learnable alpha of that value, which test/nn/network.test.ts ties to its definition.
import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import type { GradientType } from '../../src/nn/gradient-format.js';
import type { Layer } from '../../src/nn/layer.js';
import {
  batchNorm,
  binaryConv2d,
  binaryLinear,
  conv2d,
  flatten,
  hardtanh,
  linear,
  maxPool2d,
  prelu,
} from '../../src/nn/layers/registry.js';
import { Network } from '../../src/nn/network.js';
import { sequential } from '../../src/nn/sequential.js';
import { backwardWords, forwardWords, fromLatent } from '../helpers/layout.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

type Alpha = boolean | 'auto';
const SHAPE = { height: 8, width: 7, channels: 3 };
const BATCH = 65;

const NETS: [string, (alpha: Alpha) => Layer[]][] = [
  [
    'without norm, across a pool',
    (alpha) => [
      ...[conv2d(9, { kernelSize: 3, padding: 1 }), hardtanh(), binaryConv2d(37, { kernelSize: 3, alpha }), maxPool2d(2), hardtanh()],
      ...[flatten(), binaryLinear(11, { alpha }), prelu(), linear(4)],
    ],
  ],
  [
    'in front of norms, to f32 and to signs',
    (alpha) => [
      ...[binaryConv2d(35, { kernelSize: 3, padding: 1, alpha }), batchNorm(), prelu(), binaryConv2d(6, { kernelSize: 3, alpha })],
      ...[maxPool2d(2), batchNorm(), hardtanh(), flatten(), linear(4)],
    ],
  ],
];

interface Values {
  /** Of every alpha and every scale, per channel. */
  alpha: (c: number) => number;
  scale: (c: number) => number;
}

/** Logits, and gradients by name, of one training step. Values depend on names alone. */
async function step(layers: Layer[], gradients: GradientType, { alpha, scale }: Values): Promise<Map<string, number[]>> {
  const runtime = await createRuntime();
  const { arena } = runtime;
  const network = new Network(sequential(layers), { shape: SHAPE, type: 'f32' }, 4, { runtime, batchSize: BATCH, gradients, seed: 5 });
  for (const { name, data, size } of network.realParameters) {
    const random = new TestRandom(purposeId(name) % 1000);
    const values = random.array(size, (r) => r.f32(-0.5, 0.5) + (name.endsWith('gamma') ? 1 : 0));
    arena.f32(data, size).set(name.endsWith('alpha') ? values.map((_, c) => alpha(c)) : values);
  }
  for (const { shape, words, wordsT, name, scale: pointer } of network.binaryParameters) {
    const taps = shape.kernelHeight * shape.kernelWidth;
    const signs = new TestRandom(purposeId(name) % 1000).array(shape.cout * taps * shape.cin, (r) => r.sign());
    const forward = forwardWords(signs, shape.cout, taps, shape.cin);
    const backward = backwardWords(signs, shape.cout, taps, shape.cin);
    arena.u32(words, forward.length).set(forward);
    arena.u32(wordsT, backward.length).set(backward);
    expect([...arena.f32(pointer, shape.cout)]).toEqual(Array(shape.cout).fill(1));
    arena.f32(pointer, shape.cout).set(Array.from({ length: shape.cout }, (_, c) => scale(c)));
  }
  const random = new TestRandom(3);
  const { images, labels } = network.batchViews();
  images.set(random.array(BATCH * 168, (r) => r.f32(-1, 1)));
  labels.set(random.array(BATCH, (r) => r.integer(0, 3)));
  const pass = { training: true, count: BATCH, step: 3 };
  for (const _ of network.forward(pass));
  network.loss(BATCH);
  for (const _ of network.backward(pass));
  const results = new Map<string, number[]>([['logits', [...network.logits(BATCH)]]]);
  for (const { name, gradient, size } of network.realParameters) results.set(name, [...arena.f32(gradient, size)]);
  for (const { name, gradient, elements, shape } of network.binaryParameters)
    results.set(name, [...fromLatent(arena.f32(gradient, elements), shape.cout, shape.kernelHeight * shape.kernelWidth, shape.cin)]);
  return results;
}

const some = (c: number): number => Math.fround(0.05 + ((c * 7) % 11) / 40);
const one = (): number => 1;

describe.each(NETS)('%s', (_, layers) => {
  it.each(['f32', 'int16', 'int8'] as const)('a scale is an alpha of that value, %s gradients', async (gradients) => {
    const learned = await step(layers(true), gradients, { alpha: some, scale: one });
    const own = await step(layers(false), gradients, { alpha: one, scale: some });
    for (const name of [...learned.keys()].filter((key) => key.endsWith('alpha'))) learned.delete(name);
    expect(own).toEqual(learned);
    const none = await step(layers(false), gradients, { alpha: one, scale: one });
    expect(own.get('logits')).not.toEqual(none.get('logits'));
    const weights = [...own.keys()].filter((key) => key.endsWith('.weight'));
    for (const name of weights) expect(own.get(name), name).not.toEqual(none.get(name));
  });

  it('beside an alpha both count, and the gradient of alpha has the scale in it', async () => {
    const power = (c: number): number => [0.25, 2, 1, 0.5][c % 4];
    const both = await step(layers(true), 'f32', { alpha: some, scale: power });
    const product = await step(layers(true), 'f32', { alpha: (c) => some(c) * power(c), scale: one });
    for (const [name, values] of product) {
      const expected = name.endsWith('alpha') ? values.map((value, c) => value * power(c)) : values;
      expect(both.get(name), name).toEqual(expected);
      if (name.endsWith('alpha')) expect(values.some((value) => value !== 0)).toBe(true);
    }
  });
});

it("alpha 'auto' is off where the method scales the weights", async () => {
  const names = async (alpha: Alpha, scaledWeights: boolean): Promise<string[]> => {
    const runtime = await createRuntime();
    const options = { runtime, batchSize: 1, gradients: 'f32' as const, seed: 1, scaledWeights };
    const network = new Network(sequential(NETS[0][1](alpha)), { shape: SHAPE, type: 'f32' }, 4, options);
    return network.realParameters.map(({ name }) => name).filter((name) => name.endsWith('alpha'));
  };
  expect(await names('auto', false)).toHaveLength(2);
  expect(await names('auto', true)).toEqual([]);
  expect(await names(true, true)).toHaveLength(2);
});
