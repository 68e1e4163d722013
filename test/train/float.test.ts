// The float baseline is the network that one would write by hand with f32 layers.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/models/registry.js';
import { batchNorm, binaryConv2d, binaryLinear, conv2d, flatten, linear, maxPool2d, prelu } from '../../src/nn/layers/registry.js';
import { sequential } from '../../src/nn/sequential.js';
import { float } from '../../src/train/methods/float.js';
import { ste } from '../../src/train/methods/ste.js';
import type { TrainOptions } from '../../src/train/options.js';
import { summary } from '../../src/train/summary.js';
import { fit } from '../../src/train/trainer.js';
import { fewDigits } from '../helpers/tiny.js';

const options: Omit<TrainOptions, 'model'> = { data: fewDigits(), epochs: 2, limitBatches: 6, batchSize: 64, samples: 0, seed: 3 };

const binary = sequential([
  conv2d(8, { kernelSize: 3, bias: false }),
  maxPool2d(2),
  batchNorm(),
  prelu(),
  binaryConv2d(12, { kernelSize: 3, padding: 1, stride: 2, alpha: true }),
  batchNorm(),
  prelu(),
  flatten(),
  binaryLinear(20),
  batchNorm(),
  prelu(),
  linear(10),
]);
const byHand = sequential([
  conv2d(8, { kernelSize: 3, bias: false }),
  maxPool2d(2),
  batchNorm(),
  prelu(),
  conv2d(12, { kernelSize: 3, padding: 1, stride: 2, bias: false }),
  batchNorm(),
  prelu(),
  flatten(),
  linear(20, { bias: false }),
  batchNorm(),
  prelu(),
  linear(10),
]);

describe('method float', () => {
  it('trains the bytes of the f32 network', async () => {
    const [one, other] = [
      await fit({ ...options, model: binary, method: float() }),
      await fit({ ...options, model: byHand, method: ste() }),
    ];
    expect(one.model).toEqual(other.model);
    expect(one.history.at(-1)?.loss).toBeLessThan(2);
  });

  it('has no bit left in any model of the registry', async () => {
    for (const name of ['convnet', 'mlp', 'vgg-small']) {
      const model = createModel(name, { classes: 10, head: 'binary', stem: 'binary' });
      const { total } = await summary(model, { input: { height: 32, width: 32, channels: 3 }, classes: 10, method: float() });
      expect([total.bits, total.binaryMacs]).toEqual([0, 0]);
      expect(total.macs).toBe((await summary(model, { input: { height: 32, width: 32, channels: 3 }, classes: 10 })).total.macs);
    }
  });

  it('refuses binary layers that have no f32 form', () => {
    const layer = { ...binaryLinear(4), real: undefined, type: 'mine' };
    expect(() => float().model?.(sequential([flatten(), layer]))).toThrow(
      'float: layer 1: got "mine", expected a layer that exists in f32, too (`real`)',
    );
  });
});
