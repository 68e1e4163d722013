import { describe, expect, it } from 'vitest';
import { foldRealThreshold, foldThreshold } from '../../src/nn/fold.js';
import { TestRandom } from '../helpers/random.js';
import { activationSign } from '../oracle/block.js';

/** The definition, rounded to f32 one operation at a time. */
const sign = (x: number, a: number, b: number, slope: number): number =>
  activationSign(x, { a, b, slope, limit: Number.POSITIVE_INFINITY, s0: 2, s1: 2, k1: 0, k2: 0, k3: 0, inverse: 0 });

/** Numbers of [-n, n] for which the threshold and the definition disagree. */
function disagreements(n: number, a: number, b: number, slope: number): number[] {
  const { t, flip } = foldThreshold(n, a, b, slope);
  expect(t).toBeGreaterThanOrEqual(-32768);
  expect(t).toBeLessThanOrEqual(32767);
  const wrong: number[] = [];
  for (let x = -n; x <= n; x++) if ((x < t !== flip ? -1 : 1) !== sign(x, a, b, slope)) wrong.push(x);
  return wrong;
}

describe('foldThreshold equals the definition for every integer', () => {
  const random = new TestRandom(11);
  const draws: Record<string, () => [n: number, a: number, b: number, slope: number]> = {
    'young network': () => [random.integer(1, 600), random.f32(-0.2, 0.2), random.f32(-2, 2), random.f32(-0.2, 1)],
    'exact ties': () => {
      const a = Math.fround(random.sign() * 2 ** random.integer(-8, 3));
      return [random.integer(1, 300), a, Math.fround(-a * random.integer(-310, 310)), random.f32(-0.1, 1)];
    },
    'ties up to rounding': () => {
      const a = random.f32(-1, 1);
      return [random.integer(1, 300), a, Math.fround(-a * random.integer(-310, 310)), 0.25];
    },
    'a = 0': () => [
      random.integer(1, 50),
      random.sign() * 0,
      [0, -0, 1, -1, 1e-45, -1e-45][random.integer(0, 5)],
      [1, 0.25, 0, -0.5][random.integer(0, 3)],
    ],
    'slope 0 or negative': () => [
      random.integer(1, 300),
      random.f32(-1, 1),
      random.f32(-99, 99),
      -Math.abs(random.f32(0, 1)) * random.integer(0, 1),
    ],
    'tiny and huge': () => [
      random.integer(1, 300),
      Math.fround(random.sign() * 10 ** random.integer(-45, 30)),
      Math.fround(random.sign() * 10 ** random.integer(-45, 30)),
      Math.fround(10 ** random.integer(-45, 3)),
    ],
  };

  it.each(Object.keys(draws))('%s', (name) => {
    for (let i = 0; i < 2000; i++) {
      const [n, a, b, slope] = draws[name]();
      const wrong = disagreements(n, a, b, slope);
      if (wrong.length > 0) throw new Error(`n ${n}, a ${a}, b ${b}, slope ${slope}: wrong for ${wrong.slice(0, 5)} …`);
    }
  });

  it.each([
    [0.001, -32.767],
    [-0.001, 32.767],
    [0.37, 0.1],
    [1, 32767],
    [1, -32767],
    [1, -32768],
    [-1, -32767],
  ])('the whole range of n = 32,767: a = %d, b = %d', (a, b) => {
    expect(disagreements(32767, Math.fround(a), Math.fround(b), 0.25)).toEqual([]);
  });
});

describe('foldRealThreshold equals the definition', () => {
  const random = new TestRandom(12);
  const power = (low: number, high: number): number => Math.fround(random.sign() * random.f32(1, 10) * 10 ** random.integer(low, high));
  const neighbours = (x: number): number[] => {
    const bits = new Int32Array(1);
    const float = new Float32Array(bits.buffer);
    return [-2, -1, 0, 1, 2].map((step) => {
      float[0] = x;
      bits[0] += step;
      return float[0];
    });
  };
  const draws: Record<string, () => [a: number, b: number, slope: number]> = {
    'young network': () => [random.f32(-2, 2), random.f32(-2, 2), random.f32(-0.2, 1)],
    'a = 0': () => [random.sign() * 0, [0, -0, 1, -1, 1e-45, -1e-45][random.integer(0, 5)], [1, 0.25, 0, -0.5][random.integer(0, 3)]],
    'b = 0': () => [power(-40, 30), random.sign() * 0, random.f32(0, 1)],
    'tiny and huge': () => [power(-45, 37), power(-45, 37), Math.abs(power(-45, 3))],
  };

  it.each(Object.keys(draws))('%s', (name) => {
    for (let i = 0; i < 3000; i++) {
      const [a, b, slope] = draws[name]();
      const { t, flip } = foldRealThreshold(a, b, slope);
      expect(Math.fround(t)).toBe(t);
      const near = [t, -b / a, 0].flatMap((x) => neighbours(Math.fround(x)));
      for (const x of [...near, power(-45, 37), power(-3, 3), Number.NaN, -0]) {
        if (Math.abs(x) === Number.POSITIVE_INFINITY) continue;
        for (const value of [x, -x])
          if (((flip ? -value : value) < t ? -1 : 1) !== sign(value, a, b, slope))
            throw new Error(`a ${a}, b ${b}, slope ${slope}: wrong for ${value}`);
      }
    }
  });
});

describe('F12: batch norm with epsilon 0', () => {
  // y >= 0 for (gamma, beta, mean, var) = ...
  it.each([
    ['acc >= 4', 2, -1, 3, 4, (acc: number) => acc >= 4],
    ['acc <= 2', -2, -1, 3, 4, (acc: number) => acc <= 2],
    ['acc >= -6', 0.5, 4, -2, 0.25, (acc: number) => acc >= -6],
    ['never', 0, -1, 3, 4, () => false],
  ] as const)('%s', (_, gamma, beta, mean, variance, positive) => {
    const a = Math.fround(gamma / Math.sqrt(variance));
    const b = Math.fround(beta - (gamma / Math.sqrt(variance)) * mean);
    for (const n of [8, 9, 100]) {
      const { t, flip } = foldThreshold(n, a, b, 1);
      for (let acc = -n; acc <= n; acc++) expect(!(acc < t !== flip), `acc ${acc}`).toBe(positive(acc));
    }
  });
});
