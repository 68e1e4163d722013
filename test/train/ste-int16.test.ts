// Latent weights in 16 bits against the same rule in float64: within one unit, rounded without bias.
import { describe, expect, it } from 'vitest';
import { steInt16 } from '../../src/train.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from '../helpers/layout.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, packed, type StateOnTest } from '../helpers/state.js';
import { normalizedBlocks } from '../oracle/normalized-momentum.js';

const SHAPE = { cout: 70, cin: 67, kernel: 3 };
const N = 67 * 9;
const SIZE = 70 * N;

interface Arrays {
  /** Units of 2^-15. */
  w: Float64Array;
  v: Float64Array;
}

/** In the order [filter][tap][cin]. */
function read({ runtime, state }: StateOnTest): Arrays {
  const [latent, q, scale] = state.checkpoint().buffers;
  const flat = (values: ArrayLike<number>): Float64Array => fromLatent(Float32Array.from(values), 70, 9, 67);
  const v = flat(runtime.arena.i16(q.pointer, q.elements));
  const scales = runtime.arena.f32(scale.pointer, scale.elements);
  return { w: flat(runtime.arena.i16(latent.pointer, latent.elements)), v: v.map((value, i) => value * scales[Math.floor(i / N)]) };
}

const filtersOf = (flat: ArrayLike<number>): number[][] =>
  Array.from({ length: 70 }, (_, c) => Array.from({ length: N }, (_, i) => flat[c * N + i]));

function setGradient({ runtime, parameter }: StateOnTest, values: ArrayLike<number>): void {
  runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(values, 70, 9, 67));
}

describe('ste-int16', () => {
  it('three steps follow the rule of nsgd: w to the next unit up or down, v to half a unit of its filter', async () => {
    const built = await buildState(steInt16(), SHAPE);
    const up = { expected: new Float64Array(10), seen: new Float64Array(10), count: new Float64Array(10) };
    for (let step = 0; step < 3; step++) {
      built.state.sample({ kind: 'train', step, progress: 0 });
      const before = read(built);
      const g = new TestRandom(step).array(SIZE, (r) => r.f32(-1, 1)).map((value, i) => value * (1 + (i % 70)));
      setGradient(built, g);
      drain(built.state.update(0.01));
      const after = read(built);
      const v = g.map((value, i) => 0.9 * before.v[i] + value);
      const u = g.map((value, i) => value + 0.9 * v[i]);
      const move = normalizedBlocks(filtersOf(u), 1, 0.2).flat();
      filtersOf(v).forEach((filter, c) => {
        const unit = Math.max(...filter.map(Math.abs)) / 32767;
        filter.forEach((value, i) => {
          expect(Math.abs(after.v[c * N + i] - value)).toBeLessThan(0.51 * unit);
        });
      });
      for (let i = 0; i < SIZE; i++) {
        const exact = 32768 * 0.01 * move[i];
        const moved = before.w[i] - after.w[i];
        // Rounding errors of f32 move the border between two units by 1e-4 or so.
        expect(moved).toBeGreaterThan(exact - 1 - 1e-3);
        expect(moved).toBeLessThan(exact + 1 + 1e-3);
        const fraction = exact - Math.floor(exact);
        const bin = Math.min(9, Math.floor(10 * fraction));
        up.expected[bin] += fraction;
        up.seen[bin] += moved - Math.floor(exact);
        up.count[bin]++;
      }
    }
    up.count.forEach((count, bin) => {
      expect(count).toBeGreaterThan(5000);
      expect(Math.abs(up.seen[bin] - up.expected[bin]) / count, `fractions from ${bin / 10}`).toBeLessThan((5 * 0.5) / Math.sqrt(count));
    });
  });

  it('starts as other methods do, rounded; signs are those of w', async () => {
    const built = await buildState(steInt16(), SHAPE);
    const { w } = read(built);
    const deviation = Math.sqrt(w.reduce((sum, value) => sum + value * value, 0) / SIZE) / 32768;
    expect(Math.abs(deviation / Math.sqrt(2 / (137 * 9)) - 1)).toBeLessThan(0.02);
    built.state.sample({ kind: 'mode' });
    const signs = Array.from(w, (value) => (value < 0 ? -1 : 1));
    expect(packed(built)).toEqual([...forwardWords(signs, 70, 9, 67), ...backwardWords(signs, 70, 9, 67)]);
  });

  it('a weight stays within [-1, 1), a filter without a gradient stays where it is', async () => {
    const built = await buildState(steInt16(), SHAPE);
    const start = read(built);
    setGradient(
      built,
      Float64Array.from({ length: SIZE }, (_, i) => (i < N ? 0 : i % 2 === 0 ? 1 : -1)),
    );
    for (let step = 0; step < 12; step++) {
      built.state.sample({ kind: 'train', step, progress: 0 });
      drain(built.state.update(1));
    }
    const { w } = read(built);
    expect(w.slice(0, N)).toEqual(start.w.slice(0, N));
    expect([...new Set(w.slice(N))].sort((a, b) => a - b)).toEqual([-32768, 32767]);
  });
});
