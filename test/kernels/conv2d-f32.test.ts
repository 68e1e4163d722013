import { describe, expect, it } from 'vitest';
import { CONV2D_CASES } from '../cases/conv2d.js';
import { putMasks, putThresholds, randomConstants } from '../helpers/block.js';
import { sizes } from '../helpers/conv2d.js';
import { fromBatchMinor, imageWords, toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { activationSign } from '../oracle/block.js';
import { conv2d, conv2dDw, conv2dDx, outputSize } from '../oracle/conv2d.js';

/** n products within ±1 in any order: each of n additions rounds a partial sum, below 2 sqrt(n) for random signs. */
const bound = (n: number): number => (n + 2) * 2 * Math.sqrt(n) * 2 ** -24;

const batchMinor = (values: Float64Array, images: number, P: number, C: number): Float32Array =>
  toBatchMinor(values, images, P, C, new Float32Array(values.length));

/** Bands of 8 rows, counted through all groups. */
const bandsOf = (images: number, rows: number): number => Math.ceil(((images / 64) * rows) / 8);

describe.each(CONV2D_CASES.filter((s) => s.images * s.cin * s.cout * s.kernel ** 2 * s.height * s.width < 1e8))('$name', (s) => {
  const random = new TestRandom(s.cin * 17 + s.cout);
  const draw = (r: TestRandom): number => r.f32(-1, 1);
  const O = outputSize(s.height, s) * outputSize(s.width, s);
  const P = s.height * s.width;
  const filter = s.kernel ** 2 * s.cin;
  const x = random.array(s.images * P * s.cin, draw);
  const w = random.array(s.cout * filter, draw);
  const dy = random.array(s.images * O * s.cout, draw);
  const bands = (rows: number): number => bandsOf(s.images, rows);

  it.each([true, false])('conv2d_f32f32_f32, bias %s', async (biased) => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const bias = random.array(s.cout, draw);
    const y = dirty(runtime, dy.length * 4);
    const operands = [
      put(runtime, batchMinor(x, s.images, P, s.cin)),
      put(runtime, Float32Array.from(w)),
      biased ? put(runtime, Float32Array.from(bias)) : 0,
    ];
    runtime.run('conv2d_f32f32_f32', Math.ceil(s.cout / 64) * bands(outputSize(s.height, s)), ...operands, y, 0, 0, shape);
    const expected = conv2d(x, w, s).map((value, k) => value + (biased ? bias[k % s.cout] : 0));
    expect(difference(fromBatchMinor(runtime.arena.f32(y, dy.length), s.images, O, s.cout), expected, bound(filter + 1))).toBeUndefined();
  });

  it('statistics of each band of rows, and signs, beside y', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const rows = outputSize(s.height, s);
    const count = s.images - 5;
    const length = dy.length;
    const [plain, y, y2, planes, words] = [4, 4, 4, 1, 1 / 8].map((bytes) => dirty(runtime, length * bytes));
    const statistics = dirty(runtime, bands(rows) * s.cout * 32);
    const masks = putMasks(runtime, s.images, count);
    const bias = random.array(s.cout, draw);
    const constants = randomConstants(random, s.cout, 1, 'prelu', true);
    const operands = [batchMinor(x, s.images, P, s.cin), Float32Array.from(w), Float32Array.from(bias)].map((values) =>
      put(runtime, values),
    );
    const items = Math.ceil(s.cout / 64) * bands(rows);
    runtime.run('conv2d_f32f32_f32', items, ...operands, plain, 0, 0, shape);
    runtime.run('conv2d_f32f32_f32', items, ...operands, y, statistics, masks.words, shape);
    runtime.run('conv2d_f32f32_b1', items, ...operands, y2, planes, words, putThresholds(runtime, constants), masks.bytes, shape);
    const expected = runtime.arena.f32(plain, length);
    expect(difference(runtime.arena.f32(y, length), expected)).toBeUndefined();
    expect(difference(runtime.arena.f32(y2, length), expected)).toBeUndefined();
    const values = fromBatchMinor(expected, s.images, O, s.cout);
    const sums = new Float64Array(bands(rows) * s.cout * 4);
    for (let i = 0; i < sums.length; i += 4) sums.set([0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], i);
    values.forEach((value, k) => {
      const [image, position, c] = [Math.floor(k / (O * s.cout)), Math.floor(k / s.cout) % O, k % s.cout];
      const row = (image >> 6) * rows + Math.floor(position / outputSize(s.width, s));
      const v = image < count ? value : 0;
      const at = ((row >> 3) * s.cout + c) * 4;
      sums.set([sums[at] + v, sums[at + 1] + v * v, Math.min(sums[at + 2], v), Math.max(sums[at + 3], v)], at);
    });
    expect(difference(runtime.arena.f64(statistics, sums.length), sums, 1e-9 * s.images * O * filter)).toBeUndefined();
    const signs = values.map((value, k) => activationSign(value, constants[k % s.cout]));
    const counted = signs.map((sign, k) => (k < count * O * s.cout ? sign : 0));
    expect(difference(fromBatchMinor(runtime.arena.i8(planes, length), s.images, O, s.cout), counted)).toBeUndefined();
    expect(difference(runtime.arena.u32(words, length / 32), imageWords(signs, s.images, O, s.cout))).toBeUndefined();
  });

  it('conv2d_f32f32_f32_dx', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const dx = dirty(runtime, x.length * 4);
    const operands = [put(runtime, batchMinor(dy, s.images, O, s.cout)), put(runtime, Float32Array.from(w))];
    runtime.run('conv2d_f32f32_f32_dx', Math.ceil(s.cin / 64) * bands(s.height), ...operands, dx, shape);
    const actual = fromBatchMinor(runtime.arena.f32(dx, x.length), s.images, P, s.cin);
    expect(difference(actual, conv2dDx(dy, w, s), bound(s.kernel ** 2 * s.cout))).toBeUndefined();
  });

  it('conv2d_f32f32_f32_dw', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const dw = dirty(runtime, w.length * 4);
    const operands = [put(runtime, batchMinor(dy, s.images, O, s.cout)), put(runtime, batchMinor(x, s.images, P, s.cin))];
    runtime.run('conv2d_f32f32_f32_dw', Math.ceil(s.cout / 16) * Math.ceil(filter / 128), ...operands, dw, shape);
    expect(difference(runtime.arena.f32(dw, w.length), conv2dDw(dy, x, s), bound(s.images * O))).toBeUndefined();
  });
});

/** Shallow and deep filters, borders, strides, chunks of 120 rows of the patch, odd channel counts. */
const ORDERS = [
  [5, 6, 1, 3, 3, 1, 1],
  [4, 5, 3, 6, 3, 1, 1],
  [7, 6, 3, 5, 5, 2, 2],
  [4, 5, 70, 67, 3, 2, 1],
  [1, 1, 300, 5, 1, 1, 0],
  [4, 5, 120, 3, 1, 1, 0],
].map(([height, width, cin, cout, kernel, stride, padding]) => ({
  name: `${kernel}x${kernel} stride ${stride}, ${height}x${width}, ${cin} -> ${cout}`,
  ...{ images: 128, height, width, cin, cout, kernel, stride, padding },
}));

describe.each(ORDERS)('the order of sums: $name', (s) => {
  const random = new TestRandom(9);
  const draw = (r: TestRandom): number => r.f32(-1, 1);
  const [P, O] = [s.height * s.width, outputSize(s.height, s) * outputSize(s.width, s)];
  const filter = s.kernel ** 2 * s.cin;
  const [x, w, bias, dy] = [s.images * P * s.cin, s.cout * filter, s.cout, s.images * O * s.cout].map((n) => random.array(n, draw));
  const outWidth = outputSize(s.width, s);
  /** Row k = (ky, kx, ci) of the patch under a position. */
  const patch = (image: number, position: number, k: number): number => {
    const [tap, ci] = [Math.floor(k / s.cin), k % s.cin];
    const iy = Math.floor(position / outWidth) * s.stride - s.padding + Math.floor(tap / s.kernel);
    const ix = (position % outWidth) * s.stride - s.padding + (tap % s.kernel);
    const inside = iy >= 0 && iy < s.height && ix >= 0 && ix < s.width;
    return inside ? x[(image * P + iy * s.width + ix) * s.cin + ci] : 0;
  };

  it('forward: (ky, kx, ci) in order, one addition after the other, then the bias', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const y = dirty(runtime, dy.length * 4);
    const operands = [batchMinor(x, s.images, P, s.cin), Float32Array.from(w), Float32Array.from(bias)].map((values) =>
      put(runtime, values),
    );
    runtime.run('conv2d_f32f32_f32', Math.ceil(s.cout / 64) * bandsOf(s.images, outputSize(s.height, s)), ...operands, y, 0, 0, shape);
    const actual = fromBatchMinor(runtime.arena.f32(y, dy.length), s.images, O, s.cout);
    for (const image of [0, 17, 127]) {
      for (let position = 0; position < O; position++) {
        for (const c of [0, 1, s.cout - 1]) {
          let sum = 0;
          for (let k = 0; k < filter; k++) sum = Math.fround(sum + Math.fround(w[c * filter + k] * patch(image, position, k)));
          expect(actual[(image * O + position) * s.cout + c]).toBe(Math.fround(sum + bias[c]));
        }
      }
    }
  });

  it('dw: images n mod 4, over groups, positions and images in order', async () => {
    const runtime = await createRuntime();
    const { shape } = sizes(runtime, s);
    const dw = dirty(runtime, w.length * 4);
    const operands = [put(runtime, batchMinor(dy, s.images, O, s.cout)), put(runtime, batchMinor(x, s.images, P, s.cin))];
    runtime.run('conv2d_f32f32_f32_dw', Math.ceil(s.cout / 16) * Math.ceil(filter / 128), ...operands, dw, shape);
    for (const c of [0, 1, s.cout - 1]) {
      for (const k of [0, 1, 2, filter >> 1, filter - 2, filter - 1]) {
        const sums = [0, 0, 0, 0];
        for (let group = 0; group < 2; group++) {
          for (let position = 0; position < O; position++) {
            for (let n = 64 * group; n < 64 * group + 64; n++)
              sums[n % 4] = Math.fround(sums[n % 4] + Math.fround(dy[(n * O + position) * s.cout + c] * patch(n, position, k)));
          }
        }
        const expected = Math.fround(Math.fround(sums[0] + sums[1]) + Math.fround(sums[2] + sums[3]));
        expect(runtime.arena.f32(dw, w.length)[c * filter + k]).toBe(expected);
      }
    }
  });
});
