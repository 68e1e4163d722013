// The derivative that each surrogate puts in the place of the sign's: published values, through a block's forward and backward pass.
import { describe, expect, it } from 'vitest';
import { buildBlock } from '../../src/nn/block.js';
import { Builder } from '../../src/nn/build-context.js';
import { type GradientType, gradientTypes } from '../../src/nn/gradient-format.js';
import { createSurrogate, surrogateNames } from '../../src/nn/surrogates/registry.js';
import type { Surrogate } from '../../src/nn/surrogates/surrogate.js';
import { binaryConv2d, binaryLinear, ede, fit, rbnn, reste, sequential, swishSign } from '../../src/train.js';
import { difference } from '../helpers/memory.js';
import { createRuntime } from '../helpers/runtime.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';
import * as oracle from '../oracle/surrogates.js';

const X = [-2, -1, -0.75, -0.25, 0, 0.25, 0.75, 1, 1.5];

/** [surrogate, share of the run, f(X)] */
const TABLE: [string, number, number[]][] = [
  ['clip', 0, [0, 1, 1, 1, 1, 1, 1, 1, 0]],
  ['approx-sign', 0, [0, 0, 0.5, 1.5, 2, 1.5, 0.5, 0, 0]],
  ['swish-sign', 0, [-0.003631, -0.194992, -0.354178, 2.262047, 5, 2.262047, -0.354178, -0.194992, -0.03034]],
  ['ede', 0, [0.961043, 0.990066, 0.994396, 0.999375, 1, 0.999375, 0.994396, 0.990066, oracle.ede(0.1)(1.5)]],
  ['ede', 0.5, [0.070651, 0.419974, 0.596586, 0.940015, 1, 0.940015, 0.596586, 0.419974, 0.180707]],
  ['ede', 1, [0, 0, 1.2e-5, 0.265922, 10, 0.265922, 1.2e-5, 0, 0]],
  ['rbnn', 2 / 3, [0, 0.414214, 0.664214, 1.164214, Math.SQRT2, 1.164214, 0.664214, 0.414214, 0]],
  ['rbnn', 0, [0, 0.414214, 0.664214, 1.164214, Math.SQRT2, 1.164214, 0.664214, 0.414214, 0]],
  ['rbnn', 1, [0, 0, 0, 0, 14.142136, 0, 0, 0, 0]],
  ['reste', 0, [0, 1, 1, 1, 1, 1, 1, 1, 1]],
  ['reste', 0.5, [0, 0.5, 0.57735, 1, 3.162278, 1, 0.57735, 0.5, 0.408248]],
  ['reste', 1, [0, 0.333333, 0.403805, 0.839947, 4.641589, 0.839947, 0.403805, 0.333333, 0.254381]],
];

/** What a block makes of the gradient 1 of the signs of f32 values, one a channel. */
async function derivative(surrogate: Surrogate | undefined, progress: number, values: number[], gradients: GradientType = 'f32') {
  const runtime = await createRuntime();
  const builder = new Builder({ runtime, batchSize: 64, gradients, seed: 1 });
  const channels = values.length;
  const shape = { height: 1, width: 1, channels };
  const input = { kind: 'f32' as const, shape, data: builder.data(channels * 256), gradient: builder.data(channels * 256) };
  const block = buildBlock(builder, { kind: 'block', name: 'sign', sign: true, surrogate }, input);
  builder.place();
  const { arena } = runtime;
  arena.u32(builder.mask, 64).fill(0xffffffff);
  arena.u8(builder.byteMask, 64).fill(0xff);
  const pass = { training: true, count: 64, step: 0, progress };
  arena.f32(input.data.pointer, channels * 64).set(values.flatMap((value) => Array<number>(64).fill(value)));
  for (const _ of block.forward(pass));
  const { output } = block;
  if (output.kind !== 'bits' || output.gradient === undefined) throw new Error('expected signs with a gradient');
  if (gradients === 'f32') arena.f32(output.gradient.pointer, channels * 64).fill(1);
  else {
    output.gradientScale = arena.allocate(256, 'workspace');
    arena.f32(output.gradientScale, 64).fill(2 ** -7);
    arena.i16(output.gradient.pointer, channels * 64).fill(2 ** 7);
  }
  for (const _ of block.backward(pass));
  const result = arena.f32(input.gradient.pointer, channels * 64);
  return Array.from(values, (_, c) => {
    for (let image = 1; image < 64; image++) expect(result[64 * c + image]).toBe(result[64 * c]);
    return result[64 * c];
  });
}

describe('published values', () => {
  it.each(TABLE)('%s at %f of the run', async (name, progress, expected) => {
    const actual = await derivative(createSurrogate(name), progress, X);
    expect(difference(actual, expected, 6e-7 * Math.max(1, ...expected))).toBeUndefined();
    // Integer gradients, whose product stays in f32.
    expect(await derivative(createSurrogate(name), progress, X, 'int16')).toEqual(actual);
  });

  it('no surrogate is ApproxSign', async () => {
    expect(await derivative(undefined, 0.3, X)).toEqual(await derivative(createSurrogate('approx-sign'), 0.3, X));
  });
});

describe('float64 formulas', () => {
  const values = Array.from({ length: 700 }, (_, i) => Math.fround((i - 350) / 100.3));
  const cases: [string, Surrogate, number, oracle.SurrogateFunction][] = [
    ['ede', ede({ tMin: 0.5, tMax: 50 }), 0.5, oracle.ede(5)],
    ['ede, flat', ede({ tMin: 0.001 }), 0, oracle.ede(0.001)],
    ['swishSign', swishSign({ beta: 3 }), 0, oracle.swishSign(3)],
    ['rbnn', rbnn({ tMin: 3, tMax: 3 }), 0, oracle.rbnn(3)],
    ['reste', reste({ oMin: 2.5, oMax: 4.5, m: 0.02, t: 3 }), 0.25, oracle.reste(3, 0.02, 3)],
  ];
  it.each(cases)('%s', async (_, surrogate, progress, f) => {
    const expected = values.map(f);
    expect(difference(await derivative(surrogate, progress, values), expected, 2e-6 * Math.max(...expected))).toBeUndefined();
  });
});

describe('options', () => {
  it.each([
    [() => ede({ tMin: 0 }), 'ede.tMin: got 0, expected a positive number'],
    [() => rbnn({ tMin: 2, tMax: 1 }), 'rbnn.tMax: got 1'],
    [() => swishSign({ beta: -1 }), 'swishSign.beta: got -1'],
    [() => reste({ oMin: 0.5 }), 'reste.oMin: got 0.5'],
    [() => createSurrogate('tanh'), 'surrogate: got "tanh"'],
  ])('%#: out of range', (make, message) => {
    expect(make).toThrow(message);
  });

  it('something else than a surrogate is refused', async () => {
    const layers = [binaryConv2d(4, { kernelSize: 3, surrogate: 'ede' as never })];
    await expect(fit({ model: sequential(layers), data: fewDigits() })).rejects.toThrow(
      /0\.binaryConv2d\.surrogate: got "ede", expected a surrogate/,
    );
    expect(binaryLinear(4).surrogate).toBeUndefined();
  });
});

describe('learning', () => {
  it.each(
    surrogateNames().flatMap((name) =>
      gradientTypes()
        .slice(0, name === 'ede' ? 4 : 1)
        .map((gradients) => [name, gradients] as const),
    ),
  )('%s learns the digits, %s gradients, on one thread and on three', async (name, gradients) => {
    const model = ({ classes }: { classes: number }) => {
      const { layers } = tinyNet({ classes });
      const surrogate = createSurrogate(name);
      return sequential(
        layers.map((layer) => (layer.type === 'binaryConv2d' ? binaryConv2d(37, { kernelSize: 3, padding: 1, surrogate }) : layer)),
      );
    };
    const options = { model, data: fewDigits(1280), epochs: 4, validation: 0, batchSize: 64, gradients, seed: 1, samples: 0 };
    const one = await fit({ ...options, threads: 1 });
    expect(one.result.testAccuracy).toBeGreaterThan(0.75);
    expect((await fit({ ...options, threads: 3 })).model).toEqual(one.model);
  });
});
