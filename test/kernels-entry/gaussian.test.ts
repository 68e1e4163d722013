import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import { KERNELS } from '../helpers/kernel-bindings.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { draw } from '../oracle/low-rank-gaussian.js';

/** Around vectors and the 4,096 elements of a work item. */
const SIZES = [1, 3, 4, 5, 100, 4097];
const STREAM = { seed: 2 ** 53 - 1, stream: 'noise/evaluate/3.conv2d.weight', step: 2 ** 32 - 3 };

function parameters(n: number, rank: number): { mean: Float32Array; factor: Float32Array; diagonal: Float32Array } {
  const random = new TestRandom(n + rank);
  return { mean: random.floats(n), factor: random.floats(rank * n), diagonal: random.floats(n) };
}

/** Each of the rank + 2 terms below is at most 8, and is rounded twice. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], terms: number): void {
  expect(actual).toHaveLength(expected.length);
  const bound = terms * 2 * 8 * 2 ** -24;
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i] - expected[i]), `[${i}]`).toBeLessThanOrEqual(bound);
}

describe.each(KERNELS)('over %s', (_, kernels) => {
  it.each(SIZES)('n = %i: rank 0, 1 and 5, with and without a diagonal, against float64', (n) => {
    for (const rank of [0, 1, 5]) {
      const { mean, factor, diagonal } = parameters(n, rank);
      for (const own of [undefined, diagonal]) {
        const draws = kernels.sampleGaussian({ mean, factor, diagonal: own, ...STREAM, samples: 2 });
        const expected = [0, 1].flatMap((s) => draw({ mean, factor, diagonal: own, ...STREAM, step: STREAM.step + s }));
        expectClose(draws, expected, rank + 2);
      }
    }
  });

  it('sample s of a call is the draw of step + s; streams and seeds differ', () => {
    const { mean, factor, diagonal } = parameters(50, 3);
    const options = { mean, factor, diagonal, seed: 1, stream: 'a' };
    const draws = kernels.sampleGaussian({ ...options, step: 10, samples: 4 });
    for (let s = 0; s < 4; s++) expect(kernels.sampleGaussian({ ...options, step: 10 + s })).toEqual(draws.slice(s * 50, s * 50 + 50));
    const [first] = [kernels.sampleGaussian({ ...options, step: 10 })];
    for (const other of [{ step: 14 }, { step: 10, seed: 2 }, { step: 10, seed: 1 + 2 ** 32 }, { step: 10, stream: 'b' }])
      expect(kernels.sampleGaussian({ ...options, ...other })).not.toEqual(first);
    expect(kernels.sampleGaussian({ mean, factor, diagonal })).toEqual(
      kernels.sampleGaussian({ mean, factor, diagonal, seed: 0, stream: 'gaussian', step: 0, samples: 1 }),
    );
  });

  it('without noise it is the mean, bit for bit; a diagonal alone is mean + d g', () => {
    const { mean, diagonal } = parameters(9, 0);
    expect(kernels.sampleGaussian({ mean })).toEqual(mean);
    expectClose(kernels.sampleGaussian({ mean, diagonal, ...STREAM }), draw({ mean, factor: [], diagonal, ...STREAM }), 2);
  });

  it("draws the signs of VISPA's kernel: same numbers, same order of sums", async () => {
    const [cin, cout, rank] = [64, 64, 3];
    const { mean, factor } = parameters(cin * cout, rank);
    const draws = kernels.sampleGaussian({ mean, factor, seed: 5, stream: 'noise/train/x', step: 9 });
    const runtime = await createRuntime();
    const { arena } = runtime;
    const n = cin * cout;
    const [m, z, noise] = [arena.allocate(n * 4, 'data'), arena.allocate(rank * n * 4, 'data'), arena.allocate(16, 'data')];
    const [words, wordsT, mode, counts] = [0, 0, 0, 0].map(() => arena.allocate(n / 8, 'data'));
    runtime.normal(noise, rank, 1, { seed: 5, purpose: purposeId('noise/train/x'), step: 9 });
    // [tile of 32 outputs][cin][32]
    const tiled = (i: number): number => (Math.floor(i / (cin * 32)) * 32 + (i % 32)) * cin + (Math.floor(i / 32) % cin);
    for (let i = 0; i < n; i++) {
      arena.f32(m, n)[i] = mean[tiled(i)];
      for (let k = 0; k < rank; k++) arena.f32(z + k * n * 4, n)[i] = factor[k * n + tiled(i)];
    }
    runtime.run('sample_vispa', 1, m, z, noise, words, wordsT, mode, counts, cin, cout, 1, rank);
    // u64 [cout], bits along cin: 8 bytes for each output, as packSigns packs the rows.
    expect(kernels.packSigns(draws, cin)).toEqual(arena.u8(words, n / 8).slice());
  });

  it('moments of the draws: mean and covariance, within five standard errors', () => {
    const [mean, diagonal] = [Float32Array.of(0.5, -1, 0), Float32Array.of(1, 0.5, 0)];
    const factor = Float32Array.of(1, 2, 0, 0, 1, -1);
    const samples = 40000;
    const draws = kernels.sampleGaussian({ mean, factor, diagonal, samples, seed: 3 });
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const at = (k: number): number => factor[k * 3 + i] * factor[k * 3 + j];
        const expected = at(0) + at(1) + (i === j ? diagonal[i] ** 2 : 0);
        const spread = (k: number): number => factor[k] ** 2 + factor[3 + k] ** 2 + diagonal[k] ** 2;
        let covariance = 0;
        let sum = 0;
        for (let s = 0; s < draws.length; s += 3) {
          sum += draws[s + i];
          covariance += (draws[s + i] - mean[i]) * (draws[s + j] - mean[j]);
        }
        expect(Math.abs(sum / samples - mean[i])).toBeLessThan(5 * Math.sqrt(spread(i) / samples) + 1e-9);
        const error = Math.sqrt((spread(i) * spread(j) + expected ** 2) / samples);
        expect(Math.abs(covariance / samples - expected)).toBeLessThan(5 * error + 1e-9);
      }
    }
  });
});
