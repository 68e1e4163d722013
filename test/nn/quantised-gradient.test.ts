// The int16 copies of dY keep everything: scales come from bounds, so nothing may be clipped, and the copies differ from f32 by less than one step.
import { describe, expect, it } from 'vitest';
import { batchNorm, binaryConv2d, flatten, linear, prelu } from '../../src/nn/layers/registry.js';
import type { IntegerTensor } from '../../src/nn/tensor.js';
import type { NetworkCase } from '../cases/networks.js';
import { buildNetwork, randomBatch, trainingStep } from '../helpers/network.js';

const CHANNELS = 7;
const NET: NetworkCase = {
  name: 'one binary convolution behind a sign',
  shape: { height: 3, width: 3, channels: 2 },
  classes: 3,
  layers: [binaryConv2d(CHANNELS, { kernelSize: 3, padding: 1 }), batchNorm(), prelu(), flatten(), linear(3)],
  oracle: [],
};

/** dY of the convolution after one step: real values [position][channel][image], and the scale per image of the int16 copy. */
async function gradientOf(gradients: 'f32' | 'int16', count: number) {
  const built = await buildNetwork(NET, { batchSize: count, gradients });
  trainingStep(built, randomBatch(NET, count));
  const tensor = built.network.steps.map((step) => step.output).find((output): output is IntegerTensor => output.kind === 'int16');
  if (tensor === undefined) throw new Error('no product');
  const { rows, imageScale } = tensor.gradient;
  const { arena } = built.runtime;
  const length = 9 * CHANNELS * 64;
  if (gradients === 'f32') return { values: arena.f32(rows.pointer, length).slice(), scale: new Float32Array(), raw: new Int16Array() };
  const raw = arena.i16(rows.pointer, length).slice();
  const scale = arena.f32(imageScale, 64).slice();
  return { values: Float32Array.from(raw, (q, i) => q * scale[i % 64]), scale, raw };
}

describe('int16 gradients', () => {
  // Few images: the part of dY that comes from the statistics is as large as the rest, and a bound without it would clip.
  it.each([2, 5, 64])('of a batch of %i', async (count) => {
    const exact = await gradientOf('f32', count);
    const rounded = await gradientOf('int16', count);
    for (let i = 0; i < exact.values.length; i++) {
      const image = i % 64;
      const step = rounded.scale[image];
      if (image >= count) expect(rounded.raw[i]).toBe(0);
      else expect(Math.abs(rounded.values[i] - exact.values[i])).toBeLessThanOrEqual(1.001 * step);
    }
    for (let image = 0; image < count; image++) {
      const used = rounded.raw.filter((_, i) => i % 64 === image).reduce((largest, q) => Math.max(largest, Math.abs(q)), 0);
      expect(used).toBeGreaterThan(100); // the bound is not wasteful either
    }
  });
});
