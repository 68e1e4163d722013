import { describe, expect, it } from 'vitest';
import { batchNorm, binaryConv2d, conv2d, flatten, hardtanh, linear, maxPool2d, prelu } from '../../src/nn/layers/registry.js';
import type { NetworkCase } from '../cases/networks.js';
import { difference } from '../helpers/memory.js';
import { buildNetwork, type NetworkOnTest, randomBatch, trainingStep } from '../helpers/network.js';
import { conv2d as convolution } from '../oracle/conv2d.js';

/** Norms behind float convolutions, and one behind a binary convolution with alpha. */
const REAL: NetworkCase = {
  name: 'behind a float convolution and a pool',
  shape: { height: 4, width: 4, channels: 2 },
  classes: 3,
  layers: [
    conv2d(5, { kernelSize: 3, padding: 1, bias: false }),
    maxPool2d(2),
    batchNorm({ momentum: 0.25, epsilon: 0.01 }),
    prelu(),
    flatten(),
    linear(3),
  ],
  oracle: [],
};
/** Statistics beside the sums, and from moments of patches. */
const [STRAIGHT, SHALLOW] = [3, 2].map(
  (kernelSize): NetworkCase => ({
    ...REAL,
    name: `right behind a float convolution, ${kernelSize}x${kernelSize}`,
    layers: [conv2d(5, { kernelSize, padding: 1, bias: false }), ...REAL.layers.slice(2)],
  }),
);
const BINARY: NetworkCase = {
  name: 'behind a binary convolution with alpha',
  shape: { height: 4, width: 4, channels: 2 },
  classes: 3,
  layers: [
    binaryConv2d(5, { kernelSize: 3, padding: 1, alpha: true }),
    batchNorm({ momentum: 0.25, epsilon: 0.01 }),
    hardtanh(),
    flatten(),
    linear(3),
  ],
  oracle: [],
};

const SIZES = { name: 'conv', height: 4, width: 4, cin: 2, cout: 5, kernel: 3, stride: 1, padding: 1 };

/** What the norm sees: [images][positions][5]. */
function normInput(s: NetworkCase, { values }: NetworkOnTest, x: Float64Array, images: number): Float64Array {
  const get = (name: string): Float64Array => values.get(name) ?? new Float64Array();
  if (s === BINARY) {
    const alpha = get('0.binaryConv2d.alpha');
    const y = convolution(
      x.map((value) => (value < 0 ? -1 : 1)),
      get('0.binaryConv2d.weight'),
      { ...SIZES, images },
    );
    return y.map((value, k) => alpha[k % 5] * value);
  }
  const y = convolution(x, get('0.conv2d.weight'), { ...SIZES, images, kernel: s === SHALLOW ? 2 : 3 });
  if (s !== REAL) return y;
  const pooled = new Float64Array(images * 4 * 5);
  for (let k = 0; k < pooled.length; k++) {
    const [c, px, py, n] = [k % 5, Math.floor(k / 5) % 2, Math.floor(k / 10) % 2, Math.floor(k / 20)];
    const window = [0, 1, 4, 5].map((offset) => y[(n * 16 + py * 8 + px * 2 + offset) * 5 + c]);
    pooled[k] = Math.max(...window);
  }
  return pooled;
}

function moments(z: Float64Array): { mean: number[]; variance: number[]; N: number } {
  const N = z.length / 5;
  const channel = (c: number): Float64Array => z.filter((_, k) => k % 5 === c);
  const mean = Array.from({ length: 5 }, (_, c) => channel(c).reduce((sum, v) => sum + v, 0) / N);
  const variance = mean.map((m, c) => channel(c).reduce((sum, v) => sum + (v - m) ** 2, 0) / N);
  return { mean, variance, N };
}

describe.each([REAL, STRAIGHT, SHALLOW, BINARY])('running statistics $name', (s) => {
  it.each([1, 63, 65])('after two batches of %i images; unbiased variance', async (count) => {
    const built = await buildNetwork(s, { batchSize: count });
    let running = { mean: new Array(5).fill(0), variance: new Array(5).fill(1) };
    for (const scale of [1, -0.5]) {
      const batch = randomBatch(s, count);
      batch.x = batch.x.map((value) => value * scale);
      trainingStep(built, batch);
      const { mean, variance, N } = moments(normInput(s, built, batch.x, count));
      running = {
        mean: running.mean.map((value, c) => 0.75 * value + 0.25 * mean[c]),
        variance: running.variance.map((value, c) => 0.75 * value + (0.25 * variance[c] * N) / (N - 1)),
      };
    }
    const buffers = built.network.steps.flatMap((step) => step.buffers?.() ?? []);
    expect(buffers.map(({ name }) => name.slice(name.lastIndexOf('.')))).toEqual(['.runningMean', '.runningVar']);
    const [mean, variance] = buffers.map(({ pointer, size }) => built.runtime.arena.f32(pointer, size));
    expect(difference(mean, running.mean, 1e-6)).toBeUndefined();
    expect(difference(variance, running.variance, 1e-5)).toBeUndefined();
  });

  it('re-estimated: the mean over forward passes, whatever was there, and nothing else moves', async () => {
    const built = await buildNetwork(s, { batchSize: 65 });
    trainingStep(built, randomBatch(s, 65));
    const batches = [1, -0.5, 2].map((scale) => randomBatch(s, 65).x.map((value) => value * scale));
    const seen = batches.map((x, k) => {
      built.network.batchViews().images.set(x);
      for (const _ of built.network.forward({ training: true, count: 65, step: 0, averaging: 1 / (k + 1) }));
      return moments(normInput(s, built, x, 65));
    });
    const average = (of: (m: (typeof seen)[0], c: number) => number): number[] =>
      Array.from({ length: 5 }, (_, c) => seen.reduce((sum, m) => sum + of(m, c) / 3, 0));
    const buffers = built.network.steps.flatMap((step) => step.buffers?.() ?? []);
    const [mean, variance] = buffers.map(({ pointer, size }) => built.runtime.arena.f32(pointer, size));
    expect(
      difference(
        mean,
        average((m, c) => m.mean[c]),
        1e-6,
      ),
    ).toBeUndefined();
    expect(
      difference(
        variance,
        average((m, c) => (m.variance[c] * m.N) / (m.N - 1)),
        1e-5,
      ),
    ).toBeUndefined();
  });

  it('evaluation uses them, whatever the batch', async () => {
    const built = await buildNetwork(s, { batchSize: 128 });
    trainingStep(built, randomBatch(s, 128));
    const [mean, variance] = built.network.steps
      .flatMap((step) => step.buffers?.() ?? [])
      .map(({ pointer, size }) => built.runtime.arena.f32(pointer, size).slice());
    const { x } = randomBatch(s, 7);
    built.network.batchViews().images.set(x);
    for (const _ of built.network.forward({ training: false, count: 7, step: 0 }));
    const get = (suffix: string): Float64Array => [...built.values].find(([name]) => name.endsWith(suffix))?.[1] ?? new Float64Array();
    const [gamma, beta, weight, bias, slope] = ['.gamma', '.beta', 'linear.weight', 'linear.bias', '.slope'].map(get);
    const v = normInput(s, built, x, 7).map((z, k) => {
      const c = k % 5;
      const u = (gamma[c] * (z - mean[c])) / Math.sqrt(variance[c] + 0.01) + beta[c];
      return s === BINARY ? Math.max(-1, Math.min(1, u)) : u < 0 ? slope[c] * u : u;
    });
    const features = v.length / 7;
    const logits = Float64Array.from({ length: 21 }, (_, k) => {
      const [n, c] = [Math.floor(k / 3), k % 3];
      return v.subarray(n * features, (n + 1) * features).reduce((sum, value, i) => sum + value * weight[c * features + i], bias[c]);
    });
    expect(difference(built.network.logits(7), logits, 1e-5)).toBeUndefined();
  });
});
