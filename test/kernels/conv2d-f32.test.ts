import { describe, expect, it } from 'vitest';
import { CONV2D_CASES } from '../cases/conv2d.js';
import { sizes } from '../helpers/conv2d.js';
import { fromBatchMinor, toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { conv2d, conv2dDw, conv2dDx, outputSize } from '../oracle/conv2d.js';

/** n products within ±1 in any order: each of n additions rounds a partial sum, below 2 sqrt(n) for random signs. */
const bound = (n: number): number => (n + 2) * 2 * Math.sqrt(n) * 2 ** -24;

const batchMinor = (values: Float64Array, images: number, P: number, C: number): Float32Array =>
  toBatchMinor(values, images, P, C, new Float32Array(values.length));

describe.each(CONV2D_CASES.filter((s) => s.images * s.cin * s.cout * s.kernel ** 2 * s.height * s.width < 1e8))('$name', (s) => {
  const random = new TestRandom(s.cin * 17 + s.cout);
  const draw = (r: TestRandom): number => r.f32(-1, 1);
  const O = outputSize(s.height, s) * outputSize(s.width, s);
  const P = s.height * s.width;
  const filter = s.kernel ** 2 * s.cin;
  const x = random.array(s.images * P * s.cin, draw);
  const w = random.array(s.cout * filter, draw);
  const dy = random.array(s.images * O * s.cout, draw);
  const bands = (rows: number): number => (s.images / 64) * Math.ceil(rows / 8);

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
    runtime.run('conv2d_f32f32_f32', Math.ceil(s.cout / 64) * bands(outputSize(s.height, s)), ...operands, y, shape);
    const expected = conv2d(x, w, s).map((value, k) => value + (biased ? bias[k % s.cout] : 0));
    expect(difference(fromBatchMinor(runtime.arena.f32(y, dy.length), s.images, O, s.cout), expected, bound(filter + 1))).toBeUndefined();
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

it('a forward sum runs over (ky, kx, ci) in order, then the bias: the same bits as one addition after the other', async () => {
  const s = { name: 'order', images: 64, height: 4, width: 5, cin: 70, cout: 67, kernel: 3, stride: 2, padding: 1 };
  const runtime = await createRuntime();
  const { shape, O, P } = sizes(runtime, s);
  const random = new TestRandom(9);
  const draw = (r: TestRandom): number => r.f32(-1, 1);
  const [x, w, bias] = [s.images * P * s.cin, s.cout * 9 * s.cin, s.cout].map((n) => random.array(n, draw));
  const y = dirty(runtime, s.images * O * s.cout * 4);
  const operands = [batchMinor(x, s.images, P, s.cin), Float32Array.from(w), Float32Array.from(bias)].map((values) => put(runtime, values));
  runtime.run('conv2d_f32f32_f32', 2, ...operands, y, shape);
  const actual = fromBatchMinor(runtime.arena.f32(y, s.images * O * s.cout), s.images, O, s.cout);
  const outWidth = outputSize(s.width, s);
  for (const [image, position, c] of [
    [0, 0, 0],
    [17, 3, 63],
    [63, O - 1, 66],
  ]) {
    let sum = 0;
    for (let k = 0; k < 9 * s.cin; k++) {
      const [tap, ci] = [Math.floor(k / s.cin), k % s.cin];
      const iy = Math.floor(position / outWidth) * 2 - 1 + Math.floor(tap / 3);
      const ix = (position % outWidth) * 2 - 1 + (tap % 3);
      const inside = iy >= 0 && iy < s.height && ix >= 0 && ix < s.width;
      const value = inside ? x[(image * P + iy * s.width + ix) * s.cin + ci] : 0;
      sum = Math.fround(sum + Math.fround(w[c * 9 * s.cin + k] * value));
    }
    expect(actual[(image * O + position) * s.cout + c]).toBe(Math.fround(sum + bias[c]));
  }
});
