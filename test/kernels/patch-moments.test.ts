import { describe, expect, it } from 'vitest';
import { putConstants, randomConstants } from '../helpers/block.js';
import { sizes } from '../helpers/conv2d.js';
import { toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { type Conv2dCase, conv2d, conv2dDw, outputSize } from '../oracle/conv2d.js';

const ROWS: [height: number, width: number, cin: number, cout: number, kernel: number, stride: number, padding: number, groups: number][] =
  [
    [9, 7, 3, 20, 3, 1, 1, 2],
    [4, 5, 1, 3, 3, 1, 1, 1],
    [6, 6, 2, 5, 4, 2, 1, 1],
    [5, 3, 1, 7, 5, 1, 2, 2],
    [1, 1, 31, 2, 1, 1, 0, 1],
    [3, 2, 30, 17, 1, 1, 0, 2],
    [2, 2, 32, 5, 1, 1, 0, 1],
    [3, 3, 1, 1, 1, 1, 0, 1],
  ];

describe.each(
  ROWS.map(([height, width, cin, cout, kernel, stride, padding, groups]) => ({
    ...{ images: groups * 64, height, width, cin, cout, kernel, stride, padding },
    name: `${kernel}x${kernel} stride ${stride} pad ${padding}, ${height}x${width}, ${cin} -> ${cout}, ${groups * 64} images`,
  })),
)('$name', (s: Conv2dCase) => {
  const random = new TestRandom(s.cin + s.cout);
  const [P, K, outHeight] = [s.height * s.width, s.kernel ** 2 * s.cin, outputSize(s.height, s)];
  const O = outHeight * outputSize(s.width, s);
  // The last images do not count.
  const count = s.images - 7;
  const x = random.array(s.images * P * s.cin, (r) => r.f32(-1, 2)).map((v, k) => (k < count * P * s.cin ? v : 0));
  const w = random.array(s.cout * K, (r) => r.f32(-1, 1));
  const bias = random.array(s.cout, (r) => r.f32(-1, 1));
  const bands = Math.ceil(((s.images / 64) * outHeight) / 8);
  const size = (K + 1) * K;
  /** |patch| <= 2: 512 f32 additions at most, in f64 after that. */
  const bound = 4 * s.images * O * 2 ** -20;

  /** Values [images][O][K] of all patches: the product with one filter per weight, all 0 but for a 1. */
  const patches = (): Float64Array => {
    const unit = new Float64Array(K * K);
    for (let k = 0; k < K; k++) unit[k * K + k] = 1;
    return conv2d(x, unit, { ...s, cout: K });
  };

  it('patch_moments_f32: sums of products of all pairs of rows, and of rows, per band', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const parts = dirty(runtime, bands * size * 8);
    runtime.run('patch_moments_f32', bands, put(runtime, toBatchMinor(x, s.images, P, s.cin, new Float32Array(x.length))), parts, shape);
    const expected = new Float64Array(bands * size);
    const values = patches();
    for (let i = 0; i < s.images * O; i++) {
      const row = (Math.floor(i / O) >> 6) * outHeight + Math.floor((i % O) / (O / outHeight));
      const to = expected.subarray((row >> 3) * size, ((row >> 3) + 1) * size);
      for (let l = 0; l < K; l++) {
        for (let k = 0; k < K; k++) to[k * K + l] += values[i * K + k] * values[i * K + l];
        to[K * K + l] += values[i * K + l];
      }
    }
    expect(difference(runtime.arena.f64(parts, expected.length), expected, bound)).toBeUndefined();
  });

  it.each([true, false])('patch_moments_y: y times patches, and statistics of y; bias %s', async (biased) => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const [parts, products, statistics] = [bands * size, (s.cout + 1) * K, s.cout * 4].map((n) => dirty(runtime, n * 8));
    runtime.run('patch_moments_f32', bands, put(runtime, toBatchMinor(x, s.images, P, s.cin, new Float32Array(x.length))), parts, shape);
    const [weights, biases] = [w, bias].map((values) => put(runtime, Float32Array.from(values)));
    const sizesOf = [count * O, bands, K, s.cout];
    runtime.run('patch_moments_y', Math.ceil(s.cout / 16), parts, weights, biased ? biases : 0, products, statistics, ...sizesOf);
    const y = conv2d(x, w, s).map((v, k) => (k < count * O * s.cout ? v + (biased ? bias[k % s.cout] : 0) : 0));
    const tolerance = bound * 2 * K;
    const ones = conv2dDw(new Float64Array(s.images * O).fill(1), x, { ...s, cout: 1 });
    expect(difference(runtime.arena.f64(products, (s.cout + 1) * K), [...conv2dDw(y, x, s), ...ones], tolerance)).toBeUndefined();
    const sums = new Float64Array(s.cout * 4);
    y.forEach((v, k) => {
      sums[4 * (k % s.cout)] += v;
      sums[4 * (k % s.cout) + 1] += v * v;
    });
    expect(difference(runtime.arena.f64(statistics, s.cout * 4), sums, tolerance * K)).toBeUndefined();
  });

  it('patch_moments_dw: sums of parts, alone, times k1, and with what batch norm takes away', async () => {
    const runtime = await createRuntime();
    const parts = random.array(bands * s.cout * K, (r) => r.f32(-1, 1));
    const products = random.array((s.cout + 1) * K, (r) => r.f32(-9, 9));
    const constants = randomConstants(random, s.cout, 1, 'none', true);
    const at = [put(runtime, Float32Array.from(parts)), putConstants(runtime, constants), put(runtime, products)];
    const sum = (i: number): number => Array.from({ length: bands }, (_, b) => parts[b * s.cout * K + i]).reduce((all, v) => all + v, 0);
    const run = (parameters: number, moments: number): Float32Array => {
      const dw = dirty(runtime, s.cout * K * 4);
      runtime.run('patch_moments_dw', Math.ceil(s.cout / 16), at[0], parameters, moments, dw, bands, K, s.cout);
      return runtime.arena.f32(dw, s.cout * K);
    };
    const expected = (f: (c: number, k: number) => number): number[] =>
      Array.from({ length: s.cout * K }, (_, i) => Math.fround(f(Math.floor(i / K), i % K)));
    expect(
      difference(
        run(0, 0),
        expected((c, k) => sum(c * K + k)),
      ),
    ).toBeUndefined();
    expect(
      difference(
        run(at[1], 0),
        expected((c, k) => constants[c].k1 * sum(c * K + k)),
      ),
    ).toBeUndefined();
    const complete = expected((c, k) => {
      const { k1, k2, k3 } = constants[c];
      return k1 * sum(c * K + k) + (k2 * products[c * K + k] + k3 * products[s.cout * K + k]);
    });
    expect(difference(run(at[1], at[2]), complete)).toBeUndefined();
  });
});
