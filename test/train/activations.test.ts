// What binary weights are multiplied with: networks that learn a small real task, the same bytes on one thread and on three, and the file's accuracy.
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/index.js';
import {
  batchNorm,
  binaryConv2d,
  conv2d,
  convnet,
  createActivations,
  createModel,
  fit,
  flatten,
  float,
  type GradientType,
  groupDraws,
  hardtanh,
  linear,
  maxout,
  maxPool2d,
  modelNames,
  realActivations,
  rprelu,
  rsign,
  type Sequential,
  sequential,
  summary,
  vispa,
} from '../../src/train.js';
import { fewDigits } from '../helpers/tiny.js';

const data = fewDigits(1280);
const conv3 = { kernelSize: 3, padding: 1 };

const NETWORKS: [string, Sequential, GradientType][] = [
  ['real activations behind ReLU', convnet({ classes: 10, width: 0.25, activations: createActivations('32') }), 'int16'],
  ['real activations behind hardtanh', convnet({ classes: 10, width: 0.25, activations: realActivations({ layer: hardtanh }) }), 'f32'],
  ['two bits', convnet({ classes: 10, width: 0.25, activations: createActivations('2') }), 'int16'],
  ['three bits', convnet({ classes: 10, width: 0.25, activations: createActivations('3'), head: 'binary' }), 'int8'],
  ['three bits, f32 gradients', convnet({ classes: 10, width: 0.25, activations: createActivations('3') }), 'f32'],
  [
    'RSign, RPReLU and maxout',
    sequential([
      ...[conv2d(12, { ...conv3, stride: 2, bias: false }), batchNorm(), rprelu(), rsign(), binaryConv2d(37, conv3), maxPool2d(2)],
      ...[batchNorm(), maxout(), binaryConv2d(30, conv3), batchNorm(), rprelu(), flatten(), linear(10)],
    ]),
    'int16',
  ],
];

describe.each(NETWORKS)('%s', (_, model, gradients) => {
  it('learns the digits; the same bytes on any number of threads; the file predicts what was evaluated', async () => {
    const options = { model, data, gradients, epochs: 4, validation: 0, batchSize: 64, seed: 1, samples: 0 };
    const { model: file, result } = await fit({ ...options, threads: 1 });
    expect(result.testAccuracy).toBeGreaterThan(0.75);
    expect((await fit({ ...options, threads: 3 })).model).toEqual(file);
    const { length, shape } = data.test ?? data.train;
    const images = new Uint8Array(length * shape.height * shape.width * shape.channels);
    const labels = new Int32Array(length);
    data.test?.read(
      Uint32Array.from({ length }, (_, i) => i),
      { images, labels },
    );
    const predictor = await loadModel(file);
    const size = images.length / length;
    const right = labels.filter((label, i) => predictor.predict(images.subarray(i * size, (i + 1) * size)).label === label).length;
    expect(right / length).toBe(result.testAccuracy);
  });
});

describe('real activations', () => {
  it('are an option of every model, of which the method float leaves no bit', async () => {
    for (const name of modelNames()) {
      const options = { classes: 10, activations: realActivations(), stem: 'binary', head: 'binary' } as const;
      const input = { height: 32, width: 32, channels: 3 };
      const { total } = await summary(createModel(name, options), { input, classes: 10 });
      expect(total.binaryMacs).toBe(0);
      expect(total.bits).toBeGreaterThan(0);
      expect((await summary(createModel(name, options), { input, classes: 10, method: float() })).total.bits).toBe(0);
    }
  });

  it('take one draw of the weights per step', async () => {
    for (const name of ['2', '3', '32']) {
      const model = convnet({ classes: 10, activations: createActivations(name) });
      await expect(fit({ model, data, method: vispa({ draws: groupDraws() }) })).rejects.toThrow(
        /^vispa.draws: got "group", expected 'step': 4.binaryConv2d has one set of weights/,
      );
    }
  });

  it('leave no sign that a surrogate could belong to', async () => {
    const { createSurrogate } = await import('../../src/train.js');
    const model = convnet({ classes: 10, activations: realActivations(), surrogate: createSurrogate('ede') });
    await expect(fit({ model, data })).rejects.toThrow(
      /4\.binaryConv2d\.surrogate: got .*expected a surrogate such as ede\(\), of a layer that takes signs/,
    );
  });
});
