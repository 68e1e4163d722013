import { describe, expect, it } from 'vitest';
import { gradientTypes } from '../../src/nn/gradient-format.js';
import type { Layer } from '../../src/nn/layer.js';
import { batchNorm, binaryConv2d, conv2d, flatten, linear, maxPool2d, prelu } from '../../src/nn/layers/registry.js';
import { NETWORK_CASES, type NetworkCase } from '../cases/networks.js';
import { difference, range } from '../helpers/memory.js';
import { buildNetwork, randomBatch, trainingStep } from '../helpers/network.js';
import { network as oracle } from '../oracle/network.js';

const largest = (values: ArrayLike<number>): number => Math.max(...range(values).map(Math.abs));

describe.each(NETWORK_CASES)('$name', (s) => {
  it.each([64, 65])('every gradient equals the float64 definition, %i images', async (count) => {
    const built = await buildNetwork(s, { batchSize: count });
    const batch = randomBatch(s, count);
    const actual = trainingStep(built, batch);
    const expected = oracle(s.oracle, s.shape, built.values, batch.x, batch.labels);
    expect(difference(actual.logits, expected.logits, 1e-5 * largest(expected.logits))).toBeUndefined();
    expect(actual.loss).toBeCloseTo(expected.loss, 6);
    expect([...actual.gradients.keys()].sort()).toEqual([...expected.gradients.keys()].sort());
    const scale = Math.max(...[...expected.gradients.values()].map(largest));
    for (const [name, gradient] of expected.gradients) {
      // A few 2^-24 per layer, of the sums of magnitudes: those of a parameter in front of a norm (bias, alpha) cancel to 0.
      const tolerance = 2e-5 * largest(gradient) + 1e-6 * scale;
      expect(difference(actual.gradients.get(name) ?? [], gradient, tolerance), name).toBeUndefined();
    }
  });

  it('with real weights: every gradient equals the definition, any split gives the same bits', async () => {
    const options = { batchSize: 65, realWeights: true };
    if (s.quantized) {
      await expect(buildNetwork(s, options)).rejects.toThrow(/activations: got "3 bits", expected signs or real activations/);
      return;
    }
    const batch = randomBatch(s, 65);
    const built = await buildNetwork(s, options);
    const actual = trainingStep(built, batch);
    const expected = oracle(s.oracle, s.shape, built.values, batch.x, batch.labels);
    expect(difference(actual.logits, expected.logits, 1e-5 * largest(expected.logits))).toBeUndefined();
    const scale = Math.max(...[...expected.gradients.values()].map(largest));
    for (const [name, gradient] of expected.gradients)
      expect(difference(actual.gradients.get(name) ?? [], gradient, 2e-5 * largest(gradient) + 1e-6 * scale), name).toBeUndefined();
    const split = (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]);
    expect(trainingStep(await buildNetwork(s, { ...options, split }), batch)).toEqual(actual);
  });

  it('65 images give the same bits in a batch of 65 and of 200', async () => {
    const batch = randomBatch(s, 65);
    const small = trainingStep(await buildNetwork(s, { batchSize: 65 }), batch);
    const large = trainingStep(await buildNetwork(s, { batchSize: 200 }), batch);
    expect(large).toEqual(small);
  });

  it.each(gradientTypes())('any split of the work items gives the same bits, %s gradients', async (gradients) => {
    const batch = randomBatch(s, 65);
    const split = (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]);
    const whole = trainingStep(await buildNetwork(s, { batchSize: 65, gradients }), batch);
    expect(trainingStep(await buildNetwork(s, { batchSize: 65, gradients, split }), batch)).toEqual(whole);
  });

  it('int16 gradients are f32 gradients with little noise', async () => {
    const batch = randomBatch(s, 128);
    const exact = trainingStep(await buildNetwork(s, { batchSize: 128 }), batch);
    const rounded = trainingStep(await buildNetwork(s, { batchSize: 128, gradients: 'int16' }), batch);
    expect(rounded.logits).toEqual(exact.logits);
    const scale = Math.max(...[...exact.gradients.values()].map(largest));
    for (const [name, gradient] of exact.gradients) {
      // A term is off by less than one 511th of the largest one, in a random direction; measured: below 1 %.
      expect(difference(rounded.gradients.get(name) ?? [], gradient, 0.02 * largest(gradient) + 1e-5 * scale), name).toBeUndefined();
    }
  });

  it('central differences of the parameters behind the last sign', async () => {
    const built = await buildNetwork(s, { batchSize: 64 });
    const batch = randomBatch(s, 64);
    const { gradients } = trainingStep(built, batch);
    const last = built.network.steps.findLastIndex((step) => step.output.kind === 'bits');
    const smooth = built.network.steps
      .slice(last + 1)
      .flatMap((step) => step.parameters)
      .filter((parameter) => parameter.kind === 'real');
    const h = 2 ** -7;
    for (const { name, data, size } of smooth) {
      for (let i = 0; i < size; i += Math.ceil(size / 20)) {
        const loss = (delta: number): number => {
          const view = built.runtime.arena.f32(data, size);
          const held = view[i];
          view[i] = held + delta;
          const result = trainingStep(built, batch, false).loss;
          built.runtime.arena.f32(data, size)[i] = held;
          return result;
        };
        const slope = (loss(h) - loss(-h)) / (2 * h);
        // f32 logits: 1e-7 / h; third derivatives and kinks that the step crosses: of the order of h.
        expect(Math.abs(slope - (gradients.get(name)?.[i] ?? Number.NaN)), `${name}[${i}]`).toBeLessThan(6e-4);
      }
    }
  });
});

describe('a real product and the block behind it', () => {
  /** What tells one way from another. */
  const TELLING = [
    ...['patch_moments_f32', 'conv2d_f32f32_b1', 'max_pool2d_f32', 'statistics_f32', 'threshold_f32_b1'],
    ...['block_sums_f32f32', 'block_dx_f32f32_f32', 'conv2d_block_dw_f32f32'],
  ];

  it.each([
    [
      'shallow: moments, signs beside y, du multiplied at once',
      [conv2d(20, { kernelSize: 3 }), batchNorm()],
      ['patch_moments_f32', 'conv2d_f32f32_b1', 'conv2d_block_dw_f32f32'],
    ],
    [
      'few channels for the size of a filter: statistics beside y, dx multiplied',
      [conv2d(8, { kernelSize: 3 }), batchNorm()],
      ['threshold_f32_b1', 'block_sums_f32f32', 'conv2d_block_dw_f32f32'],
    ],
    ['no norm: signs beside y', [conv2d(8, { kernelSize: 3 }), prelu()], ['conv2d_f32f32_b1', 'conv2d_block_dw_f32f32']],
    ...[1, 2].map((size): [string, Layer[], string[]] => [
      `a pool of ${size}: statistics beside it`,
      [conv2d(20, { kernelSize: 3, padding: 1 }), maxPool2d(size), batchNorm()],
      ['max_pool2d_f32', 'threshold_f32_b1', 'block_sums_f32f32', 'conv2d_block_dw_f32f32'],
    ]),
    [
      'a deep filter: dY is stored',
      [conv2d(8, { kernelSize: 7, padding: 3 }), batchNorm()],
      ['threshold_f32_b1', 'block_sums_f32f32', 'block_dx_f32f32_f32'],
    ],
  ] as [string, Layer[], string[]][])('%s', async (_, front, expected) => {
    const layers = [...front, binaryConv2d(6, { kernelSize: 3 }), batchNorm(), flatten(), linear(3)];
    const s: NetworkCase = { name: '', shape: { height: 6, width: 6, channels: 3 }, classes: 3, layers, oracle: [] };
    const built = await buildNetwork(s, { batchSize: 64 });
    const calls: string[] = [];
    const pieces = built.runtime.pieces.bind(built.runtime);
    built.runtime.pieces = (name, ...rest) => {
      calls.push(name);
      return pieces(name, ...rest);
    };
    trainingStep(built, randomBatch(s, 64));
    expect(calls.filter((name) => TELLING.includes(name))).toEqual(expected);
  });
});

describe('a binary first layer', () => {
  it.each([
    ['on the signs of images: no gradient of them is computed', [], []],
    ['behind a norm, which learns: it is', [batchNorm()], ['conv2d_f32b1_f32_dx', 'block_sums_f32f32']],
  ] as const)('%s', async (_, front, expected) => {
    const layers = [...front, binaryConv2d(6, { kernelSize: 3 }), batchNorm(), flatten(), linear(3)];
    const s: NetworkCase = { name: '', shape: { height: 5, width: 5, channels: 2 }, classes: 3, layers, oracle: [] };
    const built = await buildNetwork(s, { batchSize: 64 });
    const calls: string[] = [];
    const pieces = built.runtime.pieces.bind(built.runtime);
    built.runtime.pieces = (name, ...rest) => {
      calls.push(name);
      return pieces(name, ...rest);
    };
    trainingStep(built, randomBatch(s, 64));
    expect(calls).toContain('conv2d_f32b1_f32_dw');
    expect(calls.filter((name) => name === 'conv2d_f32b1_f32_dx' || name === 'block_sums_f32f32')).toEqual(expected);
  });
});

describe('classes', () => {
  const wide = (classes: number): NetworkCase => ({
    name: 'wide',
    shape: { height: 1, width: 1, channels: 1 },
    classes,
    layers: [linear(classes)],
    oracle: [{ op: 'conv', name: '0.linear', cout: classes, kernel: 1, padding: 0, stride: 1, bias: true }],
  });

  it('8,192 are as exact as few', async () => {
    const s = wide(8192);
    const built = await buildNetwork(s, { batchSize: 64 });
    const batch = randomBatch(s, 64);
    const actual = trainingStep(built, batch);
    const expected = oracle(s.oracle, s.shape, built.values, batch.x, batch.labels);
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    for (const [name, gradient] of expected.gradients) expect(difference(actual.gradients.get(name) ?? [], gradient, 1e-6)).toBeUndefined();
  });

  it('more do not fit in the scratch memory of the softmax', async () => {
    await expect(buildNetwork(wide(8193), { batchSize: 64 })).rejects.toThrow(/classes/);
  });
});
