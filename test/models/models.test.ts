// The architectures layer by layer, with sizes and counts worked out by hand, and each way to begin and to end.
import { describe, expect, test } from 'vitest';
import { loadModel } from '../../src/index.js';
import { convnet, createModel, fit, type ModelOptions, mlp, modelNames, type Sequential, ste, summary, vggSmall } from '../../src/train.js';
import { fewDigits } from '../helpers/tiny.js';

const image = { height: 32, width: 32, channels: 3 };

/** `conv2d 32x32x128` of every step that is a product or a reshape. */
async function shapes(model: Sequential, input: typeof image): Promise<string[]> {
  const { rows } = await summary(model, { input, classes: 10, batchSize: 64 });
  return rows.map(({ name, outputShape }) => `${name.split('.')[1]} ${outputShape.join('x')}`);
}

describe('vgg-small', () => {
  test('maps of 32, 16, 16, 8, 8, 4 rows', async () => {
    expect(await shapes(vggSmall({ classes: 10 }), image)).toEqual([
      ...['conv2d 32x32x128', 'batchNorm 32x32x128'],
      ...['binaryConv2d 32x32x128', 'maxPool2d 16x16x128'],
      ...['binaryConv2d 16x16x256', 'batchNorm 16x16x256'],
      ...['binaryConv2d 16x16x256', 'maxPool2d 8x8x256'],
      ...['binaryConv2d 8x8x512', 'batchNorm 8x8x512'],
      ...['binaryConv2d 8x8x512', 'maxPool2d 4x4x512'],
      ...['flatten 1x1x8192', 'linear 1x1x10'],
    ]);
  });

  test('4.57 million binary weights', async () => {
    const { total, rows } = await summary(vggSmall({ classes: 10 }), { input: image, classes: 10, batchSize: 64 });
    const bits = 128 * 128 * 9 + 128 * 256 * 9 + 256 * 256 * 9 + 256 * 512 * 9 + 512 * 512 * 9;
    expect(bits).toBe(4571136);
    expect(total.bits).toBe(bits);
    // Without bias in the first convolution, with gamma, beta and slope per channel, no alpha, and a bias in the last layer.
    expect(total.parameters - bits).toBe(27 * 128 + 3 * (128 + 128 + 256 + 256 + 512 + 512) + 8192 * 10 + 10);
    expect(rows[0].parameters).toBe(27 * 128);
  });

  test.each([
    [0.5, [64, 64, 128, 128, 256, 256]],
    [0.25, [32, 32, 64, 64, 128, 128]],
    [0.3, [38, 38, 77, 77, 154, 154]], // 38.4, 76.8, 153.6
    [1 / 1000, [1, 1, 1, 1, 1, 1]],
  ])('width %f', async (width, channels) => {
    const convolutions = (await shapes(vggSmall({ classes: 10, width }), image)).filter((row) => row.toLowerCase().includes('conv2d'));
    expect(convolutions.map((row) => Number(row.split('x').at(-1)))).toEqual(channels);
  });
});

describe('mlp', () => {
  test('default: two hidden layers, the second binary', async () => {
    const model = mlp({ classes: 10 });
    expect(await shapes(model, image)).toEqual([
      'flatten 1x1x3072',
      ...['linear 1x1x256', 'batchNorm 1x1x256', 'binaryLinear 1x1x256', 'batchNorm 1x1x256', 'linear 1x1x10'],
    ]);
    const { total } = await summary(model, { input: image, classes: 10, batchSize: 64 });
    expect(total.bits).toBe(256 * 256);
    expect(total.parameters - total.bits).toBe(3072 * 256 + 2 * 3 * 256 + 2560 + 10);
  });

  test('all of it in bits: only norms and slopes are real', async () => {
    const model = mlp({ classes: 10, hidden: [100, 50, 20], stem: 'binary', head: 'binary' });
    const { total } = await summary(model, { input: image, classes: 10, batchSize: 64 });
    expect(total.bits).toBe(3072 * 100 + 5000 + 1000 + 200);
    expect(total.parameters - total.bits).toBe(3 * (100 + 50 + 20) + 2 * 10);
  });
});

describe('convnet', () => {
  test('half the width', async () => {
    expect(await shapes(convnet({ classes: 10, width: 0.5 }), { height: 28, width: 28, channels: 1 })).toEqual([
      ...['conv2d 28x28x32', 'maxPool2d 14x14x32', 'binaryConv2d 14x14x32', 'maxPool2d 7x7x32', 'binaryConv2d 7x7x64', 'batchNorm 7x7x64'],
      ...['flatten 1x1x3136', 'linear 1x1x10'],
    ]);
  });
});

describe('options', () => {
  const cases: [string, () => Sequential, RegExp][] = [
    [
      'convnet has no hidden layers to size',
      () => convnet({ classes: 10, hidden: [3] }),
      /convnet\.hidden: got \[3\], expected nothing: .* classes, width, head, stem/,
    ],
    ['vgg-small neither', () => vggSmall({ classes: 10, hidden: [3] }), /vgg-small\.hidden: got \[3\]/],
    ['mlp has no width', () => mlp({ classes: 10, width: 2 }), /mlp\.width: got 2, expected nothing: .* classes, hidden, head, stem/],
    ['a misspelt one', () => mlp({ classes: 10, hiden: [3] } as ModelOptions), /mlp\.hiden: got \[3\]/],
    ['width 0', () => vggSmall({ classes: 10, width: 0 }), /width: got 0, expected a number above 0/],
    ['no width', () => convnet({ classes: 10, width: Number.NaN }), /width: got NaN/],
    ['no hidden layer', () => mlp({ classes: 10, hidden: [] }), /hidden: got \[\], expected sizes of at least one layer/],
    ['half a unit', () => mlp({ classes: 10, hidden: [8, 2.5] }), /hidden\[1\]: got 2\.5/],
    ['an unknown head', () => convnet({ classes: 10, head: 'int8' as 'f32' }), /head: got "int8", expected one of f32, binary/],
    ['an unknown stem', () => mlp({ classes: 10, stem: '' as 'f32' }), /stem: got "", expected one of f32, binary/],
    ['no classes', () => mlp({} as ModelOptions), /mlp\.classes: got undefined/],
    ['no options', () => vggSmall(undefined as unknown as ModelOptions), /vgg-small: got undefined, expected an object of options/],
  ];
  test.each(cases)('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('undefined stands for the default', () => {
    expect(mlp({ classes: 10, width: undefined, hidden: undefined }).layers).toHaveLength(8);
  });
});

describe.each(modelNames())('%s learns', (name) => {
  const small: Omit<ModelOptions, 'classes'> = name === 'mlp' ? { hidden: [64, 48] } : { width: 0.15 };
  const data = fewDigits(640, 100);
  test.each([
    ['f32', 'f32'],
    ['binary', 'f32'],
    ['f32', 'binary'],
    ['binary', 'binary'],
  ] as const)('stem %s, head %s', async (stem, head) => {
    const model = createModel(name, { classes: 10, ...small, stem, head });
    const options = { model, data, method: ste(), learningRate: 0.01, batchSize: 64, validation: 0, limitBatches: 8, seed: 1 };
    const { history, result, model: file } = await fit({ ...options, epochs: 3 });
    expect(history[2].loss).toBeLessThan(0.75 * history[0].loss);
    // The file has an f32 weight exactly where the network has one, and the runtime agrees with the trainer.
    const runtime = await loadModel(file);
    const real = runtime.ops.filter((op) => op.name === 'conv2d_f32' || op.name === 'linear_f32');
    expect(real).toHaveLength((stem === 'f32' ? 1 : 0) + (head === 'f32' ? 1 : 0));
    const images = new Uint8Array(784 * data.test.length);
    const labels = new Int32Array(data.test.length);
    data.test.read(
      Uint32Array.from(labels, (_, i) => i),
      { images, labels },
    );
    const correct = labels.filter((label, i) => runtime.predict(images.subarray(784 * i, 784 * (i + 1))).label === label).length;
    expect(correct / labels.length).toBeCloseTo(result.testAccuracy ?? Number.NaN, 9);
  });
});
