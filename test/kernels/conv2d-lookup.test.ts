import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { CONV2D_CASES } from '../cases/conv2d.js';
import { F32, I16, i8, runDw, runDx, runForward, runRealForward } from '../helpers/conv2d.js';
import { difference, range } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { unpool } from '../oracle/block.js';
import { type Conv2dCase, conv2d, conv2dDw, conv2dDx, outputSize } from '../oracle/conv2d.js';

const sign = (random: TestRandom): number => random.sign();

function lengths(s: Conv2dCase): { x: number; w: number; y: number } {
  return {
    x: s.images * s.height * s.width * s.cin,
    w: s.cout * s.kernel ** 2 * s.cin,
    y: s.images * outputSize(s.height, s) * outputSize(s.width, s) * s.cout,
  };
}

/**
 * Error of n f32 terms of random sign within ±1: a word of 64 terms is 4 additions to the row, of tables at most 6 additions deep, and each
 * rounds a partial sum, below 4 sqrt(n) for random signs, by at most 2^-24 of it.
 */
function f32Bound(n: number, words: number): number {
  return (4 * words + 6) * 4 * Math.sqrt(n) * 2 ** -24;
}

/** Both kinds of tables of i8, at their limits and in between. */
const INTEGERS = [I16, i8(16), i8(15), i8(7), i8(6), i8(1)];

describe.each(CONV2D_CASES)('$name', (s) => {
  const random = new TestRandom(s.cin * 1009 + s.cout * 31 + s.kernel + s.stride);
  const { x: X, w: W, y: Y } = lengths(s);
  const x = random.array(X, sign);
  const w = random.array(W, sign);
  const terms = s.cout * s.kernel ** 2;

  it('conv2d_b1b1_i16', async () => {
    expect(difference(runForward(await createRuntime(), s, x, w, random), conv2d(x, w, s))).toBeUndefined();
  });

  it.each([3, 7, 16])('conv2d_i8b1_i16 of ±%i, no sum out of range', async (qmax) => {
    const bound = Math.min(qmax, Math.floor(32767 / (W / s.cout)));
    const levels = random.array(X, (r) => r.integer(-bound, bound));
    expect(difference(runForward(await createRuntime(), s, levels, w, random, qmax), conv2d(levels, w, s))).toBeUndefined();
  });

  it('conv2d_f32b1_f32', async () => {
    const reals = random.array(X, (r) => r.f32(-1, 1));
    const y = runRealForward(await createRuntime(), s, reals, w, random);
    expect(difference(y, conv2d(reals, w, s), f32Bound(W / s.cout, s.kernel ** 2 * Math.ceil(s.cin / 64)))).toBeUndefined();
  });

  it.each(INTEGERS)('conv2d_$type\\b1_i16_dx of ±$qmax, no sum out of range', async (kind) => {
    const bound = Math.min(kind.qmax, Math.floor(32755 / terms));
    const dy = random.array(Y, (r) => r.integer(-bound, bound));
    expect(difference(runDx(await createRuntime(), kind, s, dy, w, random), conv2dDx(dy, w, s))).toBeUndefined();
  });

  it('conv2d_f32b1_f32_dx', async () => {
    const dy = random.array(Y, (r) => r.f32(-1, 1));
    const dx = runDx(await createRuntime(), F32, s, dy, w, random);
    expect(difference(dx, conv2dDx(dy, w, s), f32Bound(terms, s.kernel ** 2 * Math.ceil(s.cout / 64)))).toBeUndefined();
  });

  it.each(INTEGERS)('conv2d_$type\\b1_i32_dw of ±$qmax', async (kind) => {
    const dy = random.array(Y, (r) => r.integer(-kind.qmax, kind.qmax));
    expect(difference(runDw(await createRuntime(), kind, s, dy, x), conv2dDw(dy, x, s))).toBeUndefined();
  });

  it('conv2d_f32b1_f32_dw', async () => {
    const dy = random.array(Y, (r) => r.f32(-1, 1));
    const dw = runDw(await createRuntime(), F32, s, dy, x);
    expect(difference(dw, conv2dDw(dy, x, s), f32Bound(Y / s.cout, Y / s.cout / 64))).toBeUndefined();
  });
});

const LINEAR: Conv2dCase = { name: 'linear', images: 64, height: 1, width: 1, cin: 1, cout: 1, kernel: 1, stride: 1, padding: 0 };
const MAP: Conv2dCase = { ...LINEAR, name: 'map', height: 4, width: 4, kernel: 3, padding: 1 };

/** Convolutions and the pool behind them; most maps are no multiple of the window. */
const POOLED: (Conv2dCase & { size: number })[] = [
  { ...MAP, cin: 65, cout: 70, size: 2 },
  { ...MAP, images: 128, height: 5, width: 7, cin: 3, cout: 33, size: 2 },
  { ...MAP, height: 9, width: 6, cin: 33, cout: 10, stride: 2, size: 3 },
  { ...MAP, height: 4, width: 9, cin: 130, cout: 96, padding: 0, size: 2 },
  { ...MAP, images: 128, height: 18, width: 3, cin: 5, cout: 64, size: 1 },
  { ...MAP, height: 5, width: 5, cin: 7, cout: 129, size: 4 },
  { ...MAP, height: 16, width: 15, cin: 2, cout: 3, kernel: 1, padding: 0, size: 15 },
].map((s) => ({
  ...s,
  name: `window ${s.size}, ${s.kernel}x${s.kernel} stride ${s.stride}, ${s.height}x${s.width}, ${s.cin} -> ${s.cout}`,
}));

describe.each(POOLED)('the gradient of a pooled map: $name', (s) => {
  const random = new TestRandom(s.cin * 7 + s.cout);
  const pool = {
    images: s.images,
    height: outputSize(s.height, s),
    width: outputSize(s.width, s),
    channels: s.cout,
    size: s.size,
    stride: s.size,
  };
  const length = s.images * Math.floor(pool.height / s.size) * Math.floor(pool.width / s.size) * s.cout;
  const argmax = Uint8Array.from(random.array(length, (r) => r.integer(0, s.size ** 2 - 1)));
  const pooled = { size: s.size, argmax };
  const w = random.array(s.cout * s.kernel ** 2 * s.cin, sign);
  const x = random.array(lengths(s).x, sign);

  it.each([I16, i8(15), i8(6)])('dx and dw, $type of ±$qmax', async (kind) => {
    const terms = s.cout * s.kernel ** 2;
    for (const [bound, run, expected] of [
      [
        Math.min(kind.qmax, Math.floor(32755 / terms)),
        (runtime: Runtime, dy: Float64Array) => runDx(runtime, kind, s, dy, w, random, pooled),
        (dy: Float64Array) => conv2dDx(dy, w, s),
      ],
      [kind.qmax, (runtime: Runtime, dy: Float64Array) => runDw(runtime, kind, s, dy, x, pooled), (dy: Float64Array) => conv2dDw(dy, x, s)],
    ] as const) {
      const dy = random.array(length, (r) => r.integer(-bound, bound));
      expect(difference(run(await createRuntime(), dy), expected(unpool(dy, argmax, pool)))).toBeUndefined();
    }
  });

  it('dx and dw, f32: the bits of the map before the pool', async () => {
    const dy = random.array(length, (r) => r.f32(-1, 1));
    const full = unpool(dy, argmax, pool);
    const dx = runDx(await createRuntime(), F32, s, dy, w, random, pooled);
    expect(difference(dx, runDx(await createRuntime(), F32, s, full, w, random))).toBeUndefined();
    expect(difference(dx, conv2dDx(full, w, s), 1e-4)).toBeUndefined();
    const dw = runDw(await createRuntime(), F32, s, dy, x, pooled);
    expect(difference(dw, runDw(await createRuntime(), F32, s, full, x))).toBeUndefined();
    expect(difference(dw, conv2dDw(full, x, s), 1e-4)).toBeUndefined();
  });
});

describe('edges of the number range', () => {
  it('fan-in of 32,767: all products +1 and all -1', async () => {
    const s = { ...LINEAR, cin: 32767, cout: 2 };
    const random = new TestRandom(1);
    const x = Float64Array.from({ length: 64 * s.cin }, (_, k) => (Math.floor(k / s.cin) % 2 === 0 ? 1 : -1));
    const w = Float64Array.from({ length: 2 * s.cin }, (_, k) => (k < s.cin ? 1 : -1));
    const y = runForward(await createRuntime(), s, x, w, random);
    expect([...y.slice(0, 4)]).toEqual([32767, -32767, -32767, 32767]);
    expect(difference(y, conv2d(x, w, s))).toBeUndefined();
  });

  it('fan-in of 32,767, random signs, enough rows for tables over 5 terms', async () => {
    const s = { ...LINEAR, cin: 32767, cout: 150 };
    const random = new TestRandom(2);
    const x = random.array(64 * s.cin, sign);
    const w = random.array(s.cout * s.cin, sign);
    expect(difference(runForward(await createRuntime(), s, x, w, random), conv2d(x, w, s))).toBeUndefined();
  });

  it.each([
    [1, 'few rows, tables over 4 terms'],
    [128, 'many rows, tables over 5 terms'],
  ])('x = w everywhere: the largest sums at every word (%i outputs: %s)', async (cout) => {
    const s = { ...MAP, cin: 128, cout };
    const random = new TestRandom(3);
    const filter = random.array(s.cin, sign);
    const x = Float64Array.from({ length: 64 * 16 * s.cin }, (_, k) => filter[k % s.cin]);
    const w = Float64Array.from({ length: s.cout * 9 * s.cin }, (_, k) => filter[k % s.cin]);
    const y = runForward(await createRuntime(), s, x, w, random);
    expect(range(y)[1]).toBe(9 * s.cin);
    expect(difference(y, conv2d(x, w, s))).toBeUndefined();
  });

  it('masked images: x = 0 gives y = 0', async () => {
    const s = { ...MAP, cin: 65, cout: 33 };
    const random = new TestRandom(4);
    const x = random.array(64 * 16 * s.cin, sign).map((value, k) => (Math.floor(k / (16 * s.cin)) % 3 === 0 ? value : 0));
    const w = random.array(s.cout * 9 * s.cin, sign);
    expect(difference(runForward(await createRuntime(), s, x, w, random), conv2d(x, w, s))).toBeUndefined();
  });

  it.each([
    [I16, 129],
    [i8(16), 250],
    [i8(15), 700],
    [i8(6), 700],
  ])('dx in i16 saturates at 32,767 and -32,768: %o, %i channels', async (kind, cout) => {
    const s = { ...MAP, cin: 9, cout };
    const random = new TestRandom(5);
    const w = random.array(s.cout * 9 * s.cin, () => 1);
    const dy = Float64Array.from({ length: 64 * 16 * s.cout }, (_, k) => (Math.floor(k / (16 * s.cout)) % 2 === 0 ? 1 : -1) * kind.qmax);
    const clamped = conv2dDx(dy, w, s).map((value) => Math.min(32767, Math.max(-32768, value)));
    const dx = runDx(await createRuntime(), kind, s, dy, w, random);
    expect(range(dx)).toEqual([-32768, 32767]);
    expect(difference(dx, clamped)).toBeUndefined();
  });

  it.each(INTEGERS)('dx in i16: a word of 64 gradients of $qmax still fits, $type', async (kind) => {
    const s = { ...LINEAR, cin: 3, cout: 64 };
    const random = new TestRandom(6);
    const w = random.array(s.cout * s.cin, sign);
    const dy = Float64Array.from({ length: 64 * 64 }, (_, k) => kind.qmax * w[(k % 64) * s.cin] * (k < 2048 ? 1 : -1));
    const dx = runDx(await createRuntime(), kind, s, dy, w, random);
    expect(range(dx)).toEqual([-64 * kind.qmax, 64 * kind.qmax]);
    expect(difference(dx, conv2dDx(dy, w, s))).toBeUndefined();
  });

  // 240 positions and groups: more than the int16 sums of i8 hold, and no multiple of what they hold.
  it.each(INTEGERS)('dw in i32: every term $qmax with the sign of x, and every term against it, $type', async (kind) => {
    const s = { ...MAP, images: 128, height: 3, width: 40, cin: 2, cout: 34 };
    const x = new TestRandom(7).array(128 * 120 * s.cin, sign);
    const dy = Float64Array.from(
      { length: 128 * 120 * s.cout },
      (_, k) => x[Math.floor(k / s.cout) * s.cin] * (k % 2 === 0 ? 1 : -1) * kind.qmax,
    );
    const dw = runDw(await createRuntime(), kind, s, dy, x);
    expect(range(dw)).toEqual([-kind.qmax * 128 * 120, kind.qmax * 128 * 120]);
    expect(difference(dw, conv2dDw(dy, x, s))).toBeUndefined();
  });

  it.each([I16, F32, i8(15), i8(6)])('zero gradients in $type of ±$qmax give zero', async (type) => {
    const s = { ...MAP, cin: 65, cout: 33 };
    const random = new TestRandom(8);
    const dy = new Float64Array(64 * 16 * s.cout);
    const runtime = await createRuntime();
    expect(runDx(runtime, type, s, dy, random.array(s.cout * 9 * s.cin, sign), random).every((value) => value === 0)).toBe(true);
    expect(runDw(runtime, type, s, dy, random.array(64 * 16 * s.cin, sign)).every((value) => value === 0)).toBe(true);
  });

  it('F13: 3 mismatches of 8, dot product 2', async () => {
    const s = { ...LINEAR, cin: 8 };
    const a = [1, -1, 1, 1, -1, -1, 1, -1];
    const x = Float64Array.from({ length: 64 * 8 }, (_, k) => a[k % 8]);
    const y = runForward(await createRuntime(), s, x, Float64Array.of(1, 1, -1, 1, -1, 1, 1, -1), new TestRandom(9));
    expect([...y]).toEqual(new Array(64).fill(2));
  });
});
