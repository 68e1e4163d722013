// RBNN: the decomposition, the rotation that follows the weights, and one step, against their definitions.
import { describe, expect, it } from 'vitest';
import { factors } from '../../src/train/methods/rotation.js';
import { nearestRotation, orthogonal, svd } from '../../src/train/methods/svd.js';
import { rbnnWeights } from '../../src/train.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, packed, type StateOnTest } from '../helpers/state.js';
import { rotateFilter, rotateGradient } from '../oracle/rbnn.js';

const at = (m: ArrayLike<number>, n: number, i: number, j: number): number => m[i * n + j];
/** Largest |M^T M - I|. */
function skew(m: ArrayLike<number>, n: number): number {
  let worst = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let k = 0; k < n; k++) dot += at(m, n, k, i) * at(m, n, k, j);
      worst = Math.max(worst, Math.abs(dot - (i === j ? 1 : 0)));
    }
  return worst;
}
const trace = (q: ArrayLike<number>, m: ArrayLike<number>): number => Array.from(q).reduce((total, value, i) => total + value * m[i], 0);

describe('svd', () => {
  it.each([
    [1, 1],
    [2, 2],
    [7, 7],
    [24, 24],
    [9, 4],
    [6, 0],
  ])('of %d x %d numbers of rank %d: U S V^T, U and V orthogonal', (n, rank) => {
    const random = new TestRandom(n);
    const [x, y] = [random.array(n * rank, (r) => r.f32(-1, 1)), random.array(n * rank, (r) => r.f32(-1, 1))];
    const m = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) for (let k = 0; k < rank; k++) m[i * n + j] += x[i * rank + k] * y[j * rank + k];
    const { u, s, v } = svd(m, n);
    expect(Math.max(skew(u, n), skew(v, n))).toBeLessThan(1e-12);
    expect(s.filter((value) => value > 1e-9)).toHaveLength(rank);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let value = 0;
        for (let k = 0; k < n; k++) value += at(u, n, i, k) * s[k] * at(v, n, j, k);
        expect(value).toBeCloseTo(at(m, n, i, j), 11);
      }
    // No other rotation has a larger trace than the sum of the singular values.
    const best = trace(nearestRotation(m, n), m);
    expect(best).toBeCloseTo(
      s.reduce((total, value) => total + value, 0),
      10,
    );
    for (let k = 0; k < 5; k++) {
      const other = orthogonal(
        random.array(n * n, (r) => r.f32(-1, 1)),
        n,
      );
      expect(skew(other, n)).toBeLessThan(1e-12);
      expect(trace(other, m)).toBeLessThanOrEqual(best + 1e-12);
    }
  });
});

it.each([
  [576, 24, 24],
  [45, 5, 9],
  [67, 1, 67],
  [4608, 64, 72],
])('a filter of %d weights is %d x %d', (n, a, b) => {
  expect(factors(n)).toEqual({ a, b });
});

const SHAPE = { cout: 37, cin: 5, kernel: 3 };

function rotationOf(built: StateOnTest): { left: Float32Array; right: Float32Array; turns: Float32Array } {
  return { left: built.array(1).slice(), right: built.array(2).slice(), turns: built.array(3).slice() };
}

describe('rbnn', () => {
  it.each([0, 0.5, 1])('signs and one step at %d of the run', async (progress) => {
    const built = await buildState(rbnnWeights(), SHAPE);
    const { state, parameter, runtime } = built;
    const random = new TestRandom(11);
    const w = random.array(37 * 45, (r) => r.f32(-1, 1)).map((x, i) => Math.fround(x * (0.3 + (i % 7)) + 0.1));
    const g = random.array(37 * 45, (r) => r.f32(-1, 1)).map(Math.fround);
    built.array(0).set(toLatent(w, 37, 9, 5));
    state.invalidate();
    state.sample({ kind: 'train', step: 0, progress });
    const { left, right, turns } = rotationOf(built);
    expect(Math.max(skew(left, 5), skew(right, 9))).toBeLessThan(1e-6);
    const filters = Array.from({ length: 37 }, (_, c) => [...w.slice(c * 45, (c + 1) * 45)]);
    const rotation = { a: 5, b: 9, left, right };
    const theta = Array.from(turns, (turn) => 2 * Math.PI * turn);
    const v = filters.flatMap((filter, c) => rotateFilter(filter, theta[c], rotation).v);
    expect(packed(built)).toEqual([...forwardWords(v, 37, 9, 5), ...backwardWords(v, 37, 9, 5)]);
    runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(g, 37, 9, 5));
    drain(state.update(0.25)); // plain sgd
    const t = 0.01 * 1000 ** progress;
    const expected = filters.map((filter, c) => rotateGradient(filter, theta[c], rotation, [...g.slice(c * 45, (c + 1) * 45)], t));
    const moved = expected.flatMap(({ dw }, c) => dw.map((value, i) => filters[c][i] - 0.25 * value));
    const largest = Math.max(1, ...expected.flatMap(({ dw }) => dw.map(Math.abs)));
    expect(difference(fromLatent(built.array(0), 37, 9, 5), moved, 1e-5 * largest)).toBeUndefined();
    expected.forEach(({ dTheta }, c) => {
      expect(2 * Math.PI * built.array(3)[c]).toBeCloseTo(theta[c] - 0.25 * dTheta, 3);
    });
  });

  it('every epoch the rotation brings the weights nearer to their signs', async () => {
    const built = await buildState(rbnnWeights(), { ...SHAPE, stepsPerEpoch: 10 });
    built.array(3).fill(0.25); // all of the rotation
    const w = fromLatent(built.array(0), 37, 9, 5);
    /** Mean |v| of weights of variance 1: sign(v) v. */
    const alignment = (): number => {
      const { left, right } = rotationOf(built);
      const all = Array.from(
        { length: 37 },
        (_, c) => rotateFilter([...w.slice(c * 45, (c + 1) * 45)], Math.PI / 2, { a: 5, b: 9, left, right }).v,
      );
      return all.flat().reduce((total, value) => total + Math.abs(value), 0) / w.length;
    };
    const values = [alignment()];
    for (const step of [0, 5, 10, 15, 20]) {
      built.state.sample({ kind: 'train', step, progress: 0 });
      values.push(alignment());
    }
    const [random, first, within, second, later, third] = values;
    expect(first).toBeGreaterThan(random + 0.01);
    expect([within, later]).toEqual([first, second]);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThanOrEqual(second);
  });

  it('refuses what it cannot do', async () => {
    expect(() => rbnnWeights({ tMin: 0 })).toThrow(/rbnn\.tMin: got 0/);
    await expect(buildState(rbnnWeights(), { cout: 1, cin: 1031 })).rejects.toThrow(/rbnn: .* 1 x 1031, expected sides up to 1024/);
  });
});
