import { expect, it } from 'vitest';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

const { math } = await createRuntime();
const random = new TestRandom(1);

/** Largest relative error over the draws. */
function relativeError(draws: number, draw: () => number, actual: (x: number) => number, expected: (x: number) => number): number {
  let worst = 0;
  for (let i = 0; i < draws; i++) {
    const x = draw();
    const value = expected(x);
    worst = Math.max(worst, Math.abs(actual(x) - value) / Math.abs(value));
  }
  return worst;
}

it.each([
  ['all sizes', 708],
  ['logits', 20],
  ['near 0', 1e-3],
])('exp, %s', (_, range) => {
  const draw = (): number => (2 * random.uniform() - 1) * range;
  expect(relativeError(100000, draw, math.exp, Math.exp)).toBeLessThan(5e-16);
});

it('exp at the ends', () => {
  expect([0, 710, Number.POSITIVE_INFINITY, -709, Number.NEGATIVE_INFINITY].map(math.exp)).toEqual([1, Infinity, Infinity, 0, 0]);
});

it.each([
  ['all sizes', (u: number) => 10 ** (600 * u - 300)],
  ['uniform', (u: number) => u + 2 ** -33],
  ['near 1', (u: number) => 0.99 + 0.02 * u],
])('log, %s', (_, map) => {
  expect(relativeError(100000, () => map(random.uniform()), math.log, Math.log)).toBeLessThan(1e-15);
});

it('log 1 is 0', () => {
  expect(math.log(1)).toBe(0);
});

it('cosTurn within 1e-15, and exact at the quarters', () => {
  let worst = 0;
  for (let i = 0; i < 200000; i++) {
    const u = (2 * random.uniform() - 1) * 2 ** random.integer(-20, 20);
    worst = Math.max(worst, Math.abs(math.cosTurn(u) - Math.cos(2 * Math.PI * (u - Math.round(u)))));
  }
  expect(worst).toBeLessThan(1e-15);
  expect([0, 0.25, 0.5, 0.75, 1, -0.25, 1000000.5].map((u) => math.cosTurn(u) + 0)).toEqual([1, 0, -1, 0, 1, 0, -1]);
});

it('cosTurn is relatively exact near its zeros', () => {
  for (let i = 0; i < 10000; i++) {
    const d = random.uniform() * 2 ** random.integer(-40, -3);
    const u = 0.25 + d;
    const expected = -Math.sin(2 * Math.PI * (u - 0.25));
    if (expected !== 0) expect(Math.abs(math.cosTurn(u) / expected - 1)).toBeLessThan(1e-15);
  }
});
