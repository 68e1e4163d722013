import { describe, expect, test } from 'vitest';
import { adamw } from '../../src/train/optimizers/adamw.js';
import {
  batchNorm,
  binaryConv2d,
  binaryLinear,
  conv2d,
  convnet,
  flatten,
  hardtanh,
  type Layer,
  linear,
  type ModelSummary,
  maxPool2d,
  type SummaryOptions,
  sequential,
  sgd,
  summary,
  vispa,
} from '../../src/train.js';

const input = { height: 28, width: 28, channels: 1 };

describe('summary', () => {
  test('convnet, by hand', async () => {
    const { rows, total, memory, text } = await summary(convnet({ classes: 10 }), { input, classes: 10 });
    expect(rows.map(({ name, outputShape }) => `${name} ${outputShape.join('x')}`)).toEqual([
      '0.conv2d 28x28x64',
      '1.maxPool2d 14x14x64',
      '4.binaryConv2d 14x14x64',
      '5.maxPool2d 7x7x64',
      '8.binaryConv2d 7x7x128',
      '9.batchNorm 7x7x128',
      '11.flatten 1x1x6272',
      '12.linear 1x1x10',
    ]);
    const bits = 9 * 64 * 64 + 9 * 64 * 128;
    const norms = 3 * 64 + 3 * 64 + 3 * 128; // gamma, beta, slope
    expect(total.bits).toBe(bits);
    expect(total.parameters).toBe(bits + 9 * 64 + norms + 6272 * 10 + 10);
    const binaryMacs = 14 * 14 * 9 * 64 * 64 + 7 * 7 * 9 * 64 * 128;
    expect(total.binaryMacs).toBe(binaryMacs);
    expect(total.macs).toBe(binaryMacs + 28 * 28 * 9 * 64 + 62720);
    // Kept for the backward pass, at least: pooled f32 and argmax, pooled int16 and argmax, int16, f32 features, words of signs.
    const kept = 14 * 14 * 64 * 5 + 7 * 7 * 64 * 3 + 7 * 7 * 128 * 2 + 6272 * 4 + (14 * 14 * 64 + 7 * 7 * 64) / 8 + 784 * 5;
    expect(memory.activations + memory.data).toBeGreaterThanOrEqual(128 * kept);
    expect(memory.activations + memory.data).toBeLessThan(128 * kept * 1.05);
    expect(text).toContain('4.binaryConv2d');
  });

  test('the memory of a binary convolution, by hand', async () => {
    const options = { input, classes: 10, batchSize: 100, method: vispa({ rank: 3 }), optimizer: sgd() };
    const { rows } = await summary(convnet({ classes: 10 }), options);
    const latents = 9 * 64 * 64 * 4;
    const words = 9 * 64 * 8;
    const counters = 128; // two numbers for each of nine blocks of 64 x 64, up to 64 bytes
    expect(rows[2]).toMatchObject({ name: '4.binaryConv2d', parameters: 36864 });
    expect(rows[2].memory).toEqual({
      parameters: 2 * words + 64 + 64 * 4, // the signs in two orders, the sizes, a scale per filter
      gradients: latents + 128 * 4 + 64 * 4, // scales per image of two whole groups, and per channel
      optimizer: 8 * latents + 64 + words + counters + 192, // mean and factors, each with a moment; noise, signs of the mode; sizes of one pass
      activations: 0, // pooled: the sums are gone
      workspace: 0,
      data: 0,
      total: 2 * words + 64 + 64 * 4 + 9 * latents + 768 + 64 + words + counters + 192,
    });
  });

  test('each option counts', async () => {
    const model = convnet({ classes: 10 });
    const of = async (options: Partial<SummaryOptions>): Promise<ModelSummary['memory']> =>
      (await summary(model, { input, classes: 10, ...options })).memory;
    const base = await of({});
    const bits = 4 * (9 * 64 * 64 + 9 * 64 * 128);
    expect((await of({ optimizer: adamw() })).optimizer).toBe(base.optimizer + bits);
    expect((await of({ method: vispa({ rank: 1 }) })).optimizer).toBe(base.optimizer + 2 * bits);
    expect((await of({ realOptimizer: sgd() })).optimizer).toBeLessThan(base.optimizer - 4 * 62720);
    expect((await of({ gradients: 'f32' })).workspace).toBeGreaterThan(base.workspace);
    expect((await of({ type: 'f32' })).data).toBe(base.data + 3 * 128 * 784);
    expect((await of({ batchSize: 129 })).activations).toBe(1.5 * base.activations);
  });

  test('what no memory can hold is only counted', async () => {
    const { memory, text, fits } = await summary(convnet({ classes: 10, width: 3 }), {
      input,
      classes: 10,
      batchSize: 65536,
      gradients: 'f32',
    });
    expect(memory.total).toBeGreaterThan(2 ** 35);
    expect(fits).toBe(false);
    expect(text).toMatch(/GiB\n\nmore than the 4 GiB of wasm32/);
  });
});

describe('layers that do not fit together', () => {
  const cases: [string, Layer[], RegExp][] = [
    [
      'a linear layer on a map',
      [conv2d(4, { kernelSize: 3 }), linear(10)],
      /1\.linear: input: got "26x26 map", expected features: put flatten\(\) in front/,
    ],
    [
      'a kernel larger than its input',
      [conv2d(4, { kernelSize: 31 }), flatten(), linear(10)],
      /kernelSize: got 31, expected at most the padded input, 28x28/,
    ],
    [
      'a window larger than its map',
      [conv2d(4, { kernelSize: 27 }), maxPool2d(3), flatten(), linear(10)],
      /window: got 3, expected at most the map, 2x2/,
    ],
    ['too large a fan-in', [flatten(), binaryLinear(50000), batchNorm(), binaryLinear(10)], /fan-in: got 50000, expected at most 32,767/],
    ['no class scores at the end', [conv2d(4, { kernelSize: 3 })], /model: output: got \[26, 26, 4\], expected 10 features/],
    ['no channels', [binaryConv2d(0, { kernelSize: 3 }), flatten(), linear(10)], /outChannels: got 0/],
  ];
  for (const [name, layers, message] of cases) {
    test(name, async () => {
      await expect(summary(sequential(layers), { input, classes: 10, batchSize: 64 })).rejects.toThrow(message);
    });
  }

  test('nothing to learn', async () => {
    const options = { input: { height: 1, width: 5, channels: 2 }, classes: 10, batchSize: 64 };
    await expect(summary(sequential([flatten(), hardtanh()]), options)).rejects.toThrow(
      /model: got \["flatten", "hardtanh"\], expected at least one layer that learns/,
    );
  });

  test('an empty network', () => {
    expect(() => sequential([])).toThrow(/sequential: layers: got \[\], expected at least one layer/);
  });
});
