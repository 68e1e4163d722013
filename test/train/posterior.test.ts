// What is read out of learned distributions, against closed forms, plain matrices, sampling, and the files of the run.
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/format/safetensors.js';
import { normalCdf, signMean, signProduct } from '../../src/train/bivariate-normal.js';
import { checkpointStore, fit, latentAverage, Posterior, readPosteriors, ste, vispa } from '../../src/train.js';
import { fromLatent } from '../helpers/layout.js';
import { MemoryStore } from '../helpers/memory-store.js';
import { unpackSigns } from '../helpers/pack-signs.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';
import { erf } from '../oracle/gaussian.js';

const { exp } = (await createRuntime()).math;

const posterior = (mean: number[], factor: number[][], scale: number, cout = 1): Posterior =>
  new Posterior({
    layer: 'layer',
    mean: Float32Array.from(mean),
    factor: factor.map((z) => Float32Array.from(z)),
    scale,
    cout,
    exp,
  });

const random = (n: number, seed: number): number[] => [...new TestRandom(seed).array(n, (r) => r.f32(-1, 1))];

/** E s_i s_j as an integral over x_i, by midpoints: the other one is an error function given x_i. */
function productByIntegral(h: number, k: number, rho: number): number {
  const width = 1e-4;
  const rest = Math.sqrt(2 * (1 - rho * rho));
  let sum = 0;
  for (let step = 0; step < 16 / width; step++) {
    const x = -8 + (step + 0.5) * width;
    const given = (k + rho * x) / rest;
    sum += Math.exp((-x * x) / 2) * Math.sign(h + x) * (Math.abs(given) > 4.5 ? Math.sign(given) : erf(given));
  }
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

describe('signs of Gaussian numbers', () => {
  it('F2: means and probabilities; tails', () => {
    for (const [mu, sd, mean, negative] of [
      [0, 1, 0, 0.5],
      [0.5, 1, 0.382924923, 0.308537539],
      [1, 1, 0.682689492, 0.158655254],
      [-1, 2, -0.382924923, 0.691462461],
      [0.6, 0.8, 0.546745295, 0.226627352],
      [0.8, 0.6, 0.817577561, 0.09121122],
      [0.3, 0.1, 0.997300204, 0.001349898],
    ]) {
      expect(signMean(mu / sd, exp)).toBeCloseTo(mean, 9);
      expect(normalCdf(-mu / sd, exp)).toBeCloseTo(negative, 9);
    }
    // Abramowitz and Stegun, table 26.2: Q(3), Q(5), Q(10).
    for (const [h, upper] of [
      [3, 1.349898032e-3],
      [5, 2.866515719e-7],
      [10, 7.619853024e-24],
    ])
      expect(normalCdf(-h, exp) / upper).toBeCloseTo(1, 8);
    expect([normalCdf(40, exp), normalCdf(-40, exp), signMean(Number.NEGATIVE_INFINITY, exp)]).toEqual([1, 0, -1]);
  });

  it('F1: 2 / pi asin rho', () => {
    for (const [rho, expected] of [
      [0, 0],
      [0.25, 0.160861247],
      [0.5, 1 / 3],
      [Math.SQRT1_2, 0.5],
      [0.6, 0.409665529],
      [0.8, 0.590334471],
      [Math.sqrt(3) / 2, 2 / 3],
      [-0.5, -1 / 3],
      [1, 1],
      [-1, -1],
      [0.9999999, (2 / Math.PI) * Math.asin(0.9999999)],
    ])
      expect(signProduct(0, 0, rho, exp)).toBeCloseTo(expected, 9);
  });

  it.each([
    [0.3, -0.7, 0.5],
    [1.2, 0.9, 0.98],
    [-1.5, 1.4, -0.95],
    [0.4, 0.4, -0.99],
    [2, -0.1, 0.999],
  ])('means %d, %d and a correlation of %d: the integral over one of them', (h, k, rho) => {
    // Midpoints miss the jump of sign(h + x) by up to one width.
    expect(Math.abs(signProduct(h, k, rho, exp) - productByIntegral(h, k, rho))).toBeLessThan(1e-4);
  });

  it.each([
    [0.3, 0.5],
    [-1, 0.2],
    [2, 2],
  ])('fully correlated, means %d, %d: the limit of nearly correlated', (h, k) => {
    expect(signProduct(h, k, 1, exp)).toBeCloseTo(signProduct(h, k, 1 - 1e-9, exp), 4);
    expect(signProduct(h, k, -1, exp)).toBeCloseTo(signProduct(h, k, -1 + 1e-9, exp), 4);
  });
});

describe('F3: a layer vector', () => {
  const Z = [
    [4, 0, 1],
    [0, 2, -1],
  ];
  const layer = posterior([3, -0.5, 0.1], Z, 4);

  it('variances, correlations, means and products of signs', () => {
    expect([...layer.variances()]).toEqual([4, 1, 0.5]);
    [0.866385597, -0.382924923, 0.112462916].forEach((mean, i) => {
      expect(layer.signMean(i)).toBeCloseTo(mean, 6); // means are f32
    });
    const table: [number, number, number, number, number][] = [
      [0, 1, 0, 0, -0.331760638],
      [0, 2, 1, Math.SQRT1_2, 0.232600669],
      [1, 2, -0.5, -Math.SQRT1_2, -0.480128127],
    ];
    for (const [i, j, covariance, correlation, product] of table) {
      const pair = layer.pair(i, j);
      expect(pair.covariance).toBe(covariance);
      expect(pair.correlation).toBeCloseTo(correlation, 12);
      expect(pair.signProduct).toBeCloseTo(product, 6);
      const [a, b] = [layer.signMean(i), layer.signMean(j)];
      expect(pair.signCorrelation).toBeCloseTo((pair.signProduct - a * b) / Math.sqrt((1 - a * a) * (1 - b * b)), 12);
      expect(layer.pair(j, i)).toEqual(pair);
    }
    expect(layer.pair(0, 1).signCorrelation).toBeCloseTo(0, 12);
    expect(layer.pair(2, 2)).toEqual({ covariance: 0.5, correlation: 1, signProduct: 1, signCorrelation: 1 });
    expect(layer.expectedFlips()).toBeCloseTo((0.066807201 + (1 - 0.691462461) + 0.443768542) / 3, 6);
  });

  it('with M = 0', () => {
    const centered = posterior([0, 0, 0], Z, 4);
    expect(centered.pair(0, 2).signProduct).toBeCloseTo(0.5, 9);
    expect(centered.pair(1, 2).signProduct).toBeCloseTo(-0.5, 9);
    expect(centered.pair(1, 2).signCorrelation).toBeCloseTo(-0.5, 9);
    expect(centered.expectedFlips()).toBeCloseTo(0.5, 9);
  });

  it('weights without noise neither move nor correlate', () => {
    const still = posterior([3, -0.5, 0], [[0, 1, 0]], 1);
    expect(still.pair(0, 1)).toMatchObject({ covariance: 0, correlation: 0, signCorrelation: 0 });
    expect(still.pair(0, 1).signProduct).toBe(still.signMean(1));
    expect([still.signMean(0), still.signMean(2)]).toEqual([1, 1]);
    expect(still.expectedFlips()).toBeCloseTo(0.308537539 / 3, 9);
    expect(() => still.pair(0, 3)).toThrow(/^j: got 3, expected a whole number from 0 to 2/);
  });
});

it('F8: a share of atan(rho) / pi flips', () => {
  const n = 200000;
  const normal = new TestRandom(8).array(n, (r) => {
    const [u, v] = [r.f32(1e-6, 1), r.f32(0, 1)];
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  });
  for (const [rho, expected] of [
    [0.1, 0.0317255],
    [0.282843, 0.0877398],
    [1, 0.25],
  ]) {
    const layer = posterior([...normal], [Array(n).fill(rho)], 1);
    expect(Math.abs(layer.expectedFlips() - expected)).toBeLessThan(5 * Math.sqrt(0.05 / n));
    expect(layer.noise() / rho).toBeCloseTo(1, 2);
  }
});

describe('leading directions', () => {
  it.each([
    [40, 1],
    [40, 3],
    [100, 8],
    [2, 4],
  ])('%i weights, rank %i: eigenvectors of Z Z^T / S', (n, rank) => {
    const factor = Array.from({ length: rank }, (_, k) => random(n, 10 * n + k));
    const directions = posterior(random(n, 1), factor, 3).directions();
    expect(directions).toHaveLength(Math.min(n, rank));
    const covariance = (v: ArrayLike<number>): number[] => {
      const inner = factor.map((z) => z.reduce((sum, value, i) => sum + value * v[i], 0) / 3);
      return Array.from({ length: n }, (_, i) => factor.reduce((sum, z, k) => sum + z[i] * inner[k], 0));
    };
    directions.forEach(({ variance, vector }, a) => {
      covariance(vector).forEach((value, i) => {
        expect(value).toBeCloseTo(variance * vector[i], 9);
      });
      directions.forEach(({ vector: other }, b) => {
        const product = vector.reduce((sum, value, i) => sum + value * other[i], 0);
        expect(product).toBeCloseTo(a === b ? 1 : 0, 9);
      });
      expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
      if (a > 0) expect(variance).toBeLessThanOrEqual(directions[a - 1].variance);
    });
    const trace = factor.flat().reduce((sum, value) => sum + (value * value) / 3, 0);
    expect(directions.reduce((sum, { variance }) => sum + variance, 0)).toBeCloseTo(trace, 9);
    expect(directions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('none without noise', () => {
    expect(posterior([1, 2], [[0, 0]], 1).directions()).toEqual([]);
  });
});

describe('of a checkpoint', () => {
  const options = { model: tinyNet, data: fewDigits(), epochs: 3, batchSize: 64, samples: 0, seed: 3, validation: 100, learningRate: 0.02 };

  async function run(method = vispa({ rank: 3, noiseScale: 4 })) {
    const store = new MemoryStore();
    const result = await fit({ ...options, method, checkpoint: checkpointStore(store) });
    return { ...result, bytes: store.files.get('checkpoint.safetensors')! };
  }

  it('weights in the order of the model file, the kept epoch and the last', async () => {
    const { model, bytes, result, history } = await run();
    const [layer, ...others] = await readPosteriors(bytes);
    expect(others).toEqual([]);
    expect(layer).toMatchObject({ layer: '3.binaryConv2d', cout: 37, rows: 108, weights: 37 * 108, rank: 3 });
    const { tensors } = readSafetensors(model);
    const stored = [...tensors.values()].find(({ dtype, shape }) => dtype === 'U8' && shape.length === 4)!;
    expect(Array.from(layer.mean, (m) => (m < 0 ? -1 : 1))).toEqual([...unpackSigns(stored.data as Uint8Array, 12)]);
    const report = (epoch: number): number | undefined => history[epoch].layers.find(({ name }) => name === layer.layer)?.sampleFlips;
    expect(layer.observedFlips).toBe(report(result.epoch));
    expect(layer.expectedFlips() / layer.observedFlips!).toBeGreaterThan(0.5);
    expect(layer.expectedFlips() / layer.observedFlips!).toBeLessThan(2);

    const checkpoint = readSafetensors(bytes).tensors;
    for (const [epoch, prefix] of [
      ['kept', 'kept'],
      ['last', 'state'],
    ] as const) {
      const [read] = await readPosteriors(bytes, { epoch });
      const array = (name: string): Float32Array => checkpoint.get(`${prefix}.3.binaryConv2d.weight.${name}`)!.data as Float32Array;
      expect([...read.mean]).toEqual([...fromLatent(array('mean'), 37, 9, 12)]);
      const factor = array('factor');
      const size = factor.length / 3;
      const z = [0, 1, 2].map((k) => fromLatent(factor.subarray(k * size, (k + 1) * size), 37, 9, 12));
      const variances = Array.from(z[0], (_, i) => z.reduce((sum, row) => sum + (row[i] * row[i]) / 4, 0));
      read.variances().forEach((value, i) => {
        expect(value).toBeCloseTo(variances[i], 12);
      });
    }
    expect((await readPosteriors(bytes, { epoch: 'last' }))[0].observedFlips).toBe(report(2));
  });

  it('has averaged latents in place of M, as what is exported', async () => {
    const { model, bytes } = await run(latentAverage(vispa({ rank: 3, noiseScale: 4 }), 0.9));
    const [layer] = await readPosteriors(bytes);
    const stored = [...readSafetensors(model).tensors.values()].find(({ dtype, shape }) => dtype === 'U8' && shape.length === 4)!;
    expect(Array.from(layer.mean, (m) => (m < 0 ? -1 : 1))).toEqual([...unpackSigns(stored.data as Uint8Array, 12)]);
    const latents = readSafetensors(bytes).tensors.get('kept.3.binaryConv2d.weight.mean')!.data as Float32Array;
    expect([...layer.mean]).not.toEqual([...fromLatent(latents, 37, 9, 12)]);
  });

  it('is refused for other methods and damaged files', async () => {
    await expect(readPosteriors((await run(ste())).bytes)).rejects.toThrow(/^checkpoint: method: got "ste", expected vispa/);
    await expect(readPosteriors((await run(vispa({ rank: 0 }))).bytes)).rejects.toThrow(/got "vispa of rank 0"/);
    await expect(readPosteriors(new Uint8Array(20))).rejects.toThrow(/^checkpoint: it is damaged/);
    await expect(readPosteriors(new Uint8Array(20), { epoch: 'best' as 'last' })).rejects.toThrow(/^epoch: got "best"/);
  });
});
