import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { BLOCK_CASES, POOL_CASES } from '../cases/block.js';
import { type Activation, putConstants, putMasks, putThresholds, randomConstants } from '../helpers/block.js';
import { fromBatchMinor, imageWords, toBatchMinor } from '../helpers/layout.js';
import { difference, dirty, f32, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { activation, activationSign, type ChannelConstants, maxPool2d } from '../oracle/block.js';

const tiles = (channels: number): number => Math.ceil(channels / 32);
/** Sum, sum of squares, minimum and maximum per channel. */
function moments(values: Float64Array, C: number): number[] {
  return Array.from({ length: C }, (_, c) => {
    const mine = values.filter((_, k) => k % C === c);
    return [mine.reduce((s, v) => s + v, 0), mine.reduce((s, v) => s + v * v, 0), Math.min(...mine), Math.max(...mine)];
  }).flat();
}

const image = (k: number, P: number, C: number): number => Math.floor(k / (P * C));

describe.each(BLOCK_CASES)('statistics: $name', ({ images, count, positions: P, channels: C }) => {
  const groups = images / 64;

  it('statistics_i16 is exact', async () => {
    const runtime = await createRuntime();
    const random = new TestRandom(C);
    const x = random.array(images * P * C, (r) => r.integer(-32767, 32767)).map((value, k) => (image(k, P, C) < count ? value : 0));
    const expected = new Float64Array(C * 4);
    for (let c = 0; c < C; c++) {
      const values = x.filter((_, k) => k % C === c);
      expected.set(
        [values.reduce((s, v) => s + v, 0), values.reduce((s, v) => s + v * v, 0), Math.min(...values), Math.max(...values)],
        4 * c,
      );
    }
    const at = put(runtime, toBatchMinor(x, images, P, C, new Int16Array(x.length)));
    const out = dirty(runtime, C * 32);
    runtime.run('statistics_i16', tiles(C), at, out, groups, P, C);
    expect(difference(runtime.arena.f64(out, C * 4), expected)).toBeUndefined();
  });

  it('statistics_f32 leaves masked images out of the sums', async () => {
    const runtime = await createRuntime();
    const random = new TestRandom(C + 1);
    const x = random.array(images * P * C, (r) => r.f32(-3, 2));
    const expected = new Float64Array(C * 4);
    for (let c = 0; c < C; c++) {
      const values = x.filter((_, k) => k % C === c && image(k, P, C) < count);
      const padded = count < images ? [...values, 0] : [...values];
      expected.set(
        [values.reduce((s, v) => s + v, 0), values.reduce((s, v) => s + v * v, 0), Math.min(...padded), Math.max(...padded)],
        4 * c,
      );
    }
    const at = put(runtime, toBatchMinor(x, images, P, C, new Float32Array(x.length)));
    const out = dirty(runtime, C * 32);
    runtime.run('statistics_f32', tiles(C), at, putMasks(runtime, images, count).words, out, groups, P, C);
    // n additions of f64 values below 9: n^2 * 9 * 2^-53 in the worst order.
    const bound = (images * P) ** 2 * 9 * 2 ** -53;
    expect(difference(runtime.arena.f64(out, C * 4), expected, bound)).toBeUndefined();
  });
});

describe.each(POOL_CASES)('max pool: $name', (s) => {
  const outHeight = Math.floor((s.height - s.size) / s.stride) + 1;
  const outWidth = Math.floor((s.width - s.size) / s.stride) + 1;
  const [P, O, C] = [s.height * s.width, outHeight * outWidth, s.channels];

  it.each(['i16', 'f32'] as const)('max_pool2d_%s: values, argmax, ties, negative scales', async (type) => {
    const runtime = await createRuntime();
    const random = new TestRandom(s.size * 100 + C);
    // Few distinct values, so that most windows hold a tie.
    const x = random.array(s.images * P * C, (r) => r.integer(-2, 2) * (type === 'i16' ? 16383 : 0.375));
    const negate = Int16Array.from({ length: C }, (_, c) => (c % 3 === 1 ? -1 : 0));
    const expected = maxPool2d(x, s, negate);
    const at = put(runtime, toBatchMinor(x, s.images, P, C, type === 'i16' ? new Int16Array(x.length) : new Float32Array(x.length)));
    const length = s.images * O * C;
    const [y, argmax] = [dirty(runtime, length * 4), dirty(runtime, length)];
    const groups = s.images / 64;
    const statistics = dirty(runtime, groups * C * 32);
    const count = s.images - 3;
    const wanted = type === 'f32' ? [statistics, putMasks(runtime, s.images, count).words] : [];
    const sizes = [groups, s.height, s.width, C, s.size, s.stride];
    runtime.run(`max_pool2d_${type}`, tiles(C) * groups, at, y, argmax, put(runtime, negate), ...wanted, ...sizes);
    const values = type === 'i16' ? runtime.arena.i16(y, length) : runtime.arena.f32(y, length);
    expect(difference(fromBatchMinor(values, s.images, O, C), expected.y)).toBeUndefined();
    expect(difference(fromBatchMinor(runtime.arena.u8(argmax, length), s.images, O, C), expected.argmax)).toBeUndefined();
    if (type !== 'f32') return;
    // Multiples of 0.375 below 1: sums and squares are exact in any order.
    const masked = expected.y.map((value, k) => (image(k, O, C) < count ? value : 0));
    const parts = Array.from({ length: groups }, (_, g) => moments(masked.subarray((g * length) / groups, ((g + 1) * length) / groups), C));
    expect(difference(runtime.arena.f64(statistics, groups * C * 4), parts.flat())).toBeUndefined();
  });
});

/** Planes and words of signs, masked: planes 0 where an image does not count, words unmasked. */
function expectSigns(runtime: Runtime, planes: number, words: number, signs: Float64Array, s: (typeof BLOCK_CASES)[number]): void {
  const { images, count, positions: P, channels: C } = s;
  const masked = signs.map((value, k) => (image(k, P, C) < count ? value : 0));
  expect(difference(fromBatchMinor(runtime.arena.i8(planes, signs.length), images, P, C), masked)).toBeUndefined();
  expect(difference(runtime.arena.u32(words, signs.length / 32), imageWords(signs, images, P, C))).toBeUndefined();
}

describe.each(BLOCK_CASES)('signs: $name', (s) => {
  const { images, count, positions: P, channels: C } = s;
  const groups = images / 64;

  it('threshold_i16_b1', async () => {
    const runtime = await createRuntime();
    const random = new TestRandom(C + 2);
    const x = random.array(images * P * C, (r) => r.integer(-3, 3) * (r.uniform() < 0.1 ? 10922 : 1));
    const t = random.array(C, (r) => [-32768, -3, -1, 0, 1, 2, 32767][r.integer(0, 6)]);
    const flip = random.array(C, (r) => r.integer(0, 1));
    const thresholds = new Int16Array(C * 2);
    for (let c = 0; c < C; c++) thresholds.set([t[c], (random.integer(0, 127) << 8) | (flip[c] ? 0xff : 0)], 2 * c);
    const signs = x.map((value, k) => (value < t[k % C] !== (flip[k % C] === 1) ? -1 : 1));
    const at = put(runtime, toBatchMinor(x, images, P, C, new Int16Array(x.length)));
    const [planes, words] = [dirty(runtime, x.length), dirty(runtime, x.length / 8)];
    runtime.run(
      'threshold_i16_b1',
      tiles(C) * groups,
      at,
      planes,
      words,
      put(runtime, thresholds),
      putMasks(runtime, images, count).bytes,
      groups,
      P,
      C,
    );
    expectSigns(runtime, planes, words, signs, s);
  });

  it.each(['none', 'prelu', 'zero slope', 'negative slope', 'hardtanh'] as Activation[])(
    'threshold_f32_b1, activation_*_f32: %s',
    async (kind) => {
      const runtime = await createRuntime();
      const random = new TestRandom(C + 3);
      const constants = randomConstants(random, C, 50, kind, true);
      const x = random.array(images * P * C, (r) => r.integer(-100, 100));
      const perChannel = putConstants(runtime, constants);
      const floats = put(runtime, toBatchMinor(x, images, P, C, new Float32Array(x.length)));
      const integers = put(runtime, toBatchMinor(x, images, P, C, new Int16Array(x.length)));
      const [planes, words] = [dirty(runtime, x.length), dirty(runtime, x.length / 8)];
      runtime.run(
        'threshold_f32_b1',
        tiles(C) * groups,
        floats,
        planes,
        words,
        putThresholds(runtime, constants),
        putMasks(runtime, images, count).bytes,
        groups,
        P,
        C,
      );
      expectSigns(
        runtime,
        planes,
        words,
        x.map((value, k) => activationSign(value, constants[k % C])),
        s,
      );
      const expected = x.map((value, k) => activation(value, constants[k % C]).v);
      for (const [type, at] of [
        ['f32', floats],
        ['i16', integers],
      ] as const) {
        const y = dirty(runtime, x.length * 4);
        runtime.run(`activation_${type}_f32`, tiles(C) * groups, at, y, perChannel, groups, P, C);
        expect(difference(fromBatchMinor(runtime.arena.f32(y, x.length), images, P, C), expected)).toBeUndefined();
      }
    },
  );
});

describe('the sign of nothing', () => {
  const plain: ChannelConstants = { a: 1, b: 0, slope: 1, limit: Number.POSITIVE_INFINITY, s0: 2, s1: 2, k1: 1, k2: 0, k3: 0, inverse: 0 };

  it.each([
    ['-0', -0, {}],
    ['NaN', Number.NaN, {}],
    ['NaN under a hard tanh', Number.NaN, { limit: 1 }],
    ['a tie of a x and b', 3, { a: -1, b: 3 }],
    ['a negative number times slope 0', -5, { slope: 0 }],
    ['an underflow to -0', -1e-45, { slope: 0.25 }],
  ] as [string, number, Partial<ChannelConstants>][])('%s gives +1', async (_, value, change) => {
    const runtime = await createRuntime();
    const x = put(runtime, f32(new Array(64).fill(value)));
    const [planes, words] = [dirty(runtime, 64), dirty(runtime, 8)];
    runtime.run(
      'threshold_f32_b1',
      1,
      x,
      planes,
      words,
      putThresholds(runtime, [{ ...plain, ...change }]),
      putMasks(runtime, 64, 64).bytes,
      1,
      1,
      1,
    );
    expect([...runtime.arena.u32(words, 2)]).toEqual([0, 0]);
    expect([...runtime.arena.i8(planes, 64)]).toEqual(new Array(64).fill(1));
  });

  it('the smallest negative number gives -1', async () => {
    const runtime = await createRuntime();
    const x = put(runtime, f32(new Array(64).fill(-1e-45)));
    const [planes, words] = [dirty(runtime, 64), dirty(runtime, 8)];
    runtime.run('threshold_f32_b1', 1, x, planes, words, putThresholds(runtime, [plain]), putMasks(runtime, 64, 64).bytes, 1, 1, 1);
    expect([...runtime.arena.u32(words, 2)]).toEqual([0xffffffff, 0xffffffff]);
  });
});
