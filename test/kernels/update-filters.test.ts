// Optimizers that look at whole output filters: nsgd and muon.
import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import { muon } from '../../src/train/optimizers/muon.js';
import { nsgd } from '../../src/train/optimizers/nsgd.js';
import type { Optimizer } from '../../src/train/optimizers/optimizer.js';
import { fromLatent, toLatent } from '../helpers/layout.js';
import { put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { newtonSchulz, normalizedBlocks } from '../oracle/normalized-momentum.js';

type Direction = (u: number[][]) => number[][];

const RMS = 0.2;
const identity: Direction = (u) => normalizedBlocks(u, 1, RMS);
const orthogonal =
  (block: number, iterations: number): Direction =>
  (u) =>
    normalizedBlocks(u, block, RMS, (x) => newtonSchulz(x, iterations));

/**
 * Largest error of one update, as a share of its rms. Random filters stay below 1e-6; of filters that are nearly alike, Newton-Schulz
 * amplifies what differs and its rounding errors with it.
 */
const OPTIMIZERS: [name: string, optimizer: Optimizer, direction: Direction, error: number][] = [
  ['nsgd', nsgd(), identity, 1e-6],
  ['muon', muon(), orthogonal(32, 2), 2e-5],
  ['muon, blocks of 16', muon({ block: 16 }), orthogonal(16, 2), 2e-5],
  ['muon, blocks of 8', muon({ block: 8 }), orthogonal(8, 2), 2e-5],
  ['muon, no iteration', muon({ iterations: 0 }), (u) => normalizedBlocks(u, 32, RMS), 1e-6],
  ['muon, one iteration', muon({ iterations: 1 }), orthogonal(32, 1), 1e-5],
  ['muon, five iterations', muon({ iterations: 5 }), orthogonal(32, 5), 5e-3],
];

const SHAPES: [cout: number, rows: number][] = [
  [1, 1],
  [3, 2],
  [5, 27],
  [31, 63],
  [32, 64],
  [33, 65],
  [70, 131],
  [40, 1152],
];

interface OnTest {
  runtime: Runtime;
  /** One update with gradients [filter][row]. */
  update(gradient: number[][], scale: number, rate: number): void;
  /** w [filter][row]. */
  weights(): number[][];
  /** Everything the optimizer owns, and w: also the spare lanes. */
  raw(): Float32Array[];
}

async function prepare(optimizer: Optimizer, w: number[][]): Promise<OnTest> {
  const [cout, rows] = [w.length, w[0].length];
  const runtime = await createRuntime();
  const latent = toLatent(w.flat(), cout, 1, rows);
  const elements = latent.length;
  const data = put(runtime, latent);
  const gradient = put(runtime, new Float32Array(elements));
  const state = optimizer.init(runtime, { name: 'w', data, elements, filters: { cout, rows } });
  const read = (pointer: number): Float32Array => runtime.arena.f32(pointer, elements).slice();
  return {
    runtime,
    update(g, scale, rate) {
      runtime.arena.f32(gradient, elements).set(toLatent(g.flat(), cout, 1, rows));
      state.update(gradient, scale, rate);
    },
    weights() {
      const flat = fromLatent(read(data), cout, 1, rows);
      return w.map((_, c) => [...flat.subarray(c * rows, (c + 1) * rows)]);
    },
    raw: () => [read(data), ...state.buffers().map(({ pointer }) => read(pointer))],
  };
}

const random = (seed: number) => {
  const source = new TestRandom(seed);
  return (cout: number, rows: number): number[][] =>
    Array.from({ length: cout }, () => Array.from({ length: rows }, () => source.f32(-1, 1)));
};

function largestDifference(a: number[][], b: number[][]): number {
  let largest = 0;
  a.forEach((row, c) => {
    row.forEach((value, i) => {
      const d = Math.abs(value - b[c][i]);
      if (!(d <= largest)) largest = d; // NaN counts
    });
  });
  return largest;
}

const map2 = (f: (...values: number[]) => number, ...matrices: number[][][]): number[][] =>
  matrices[0].map((row, c) => row.map((_, i) => f(...matrices.map((matrix) => matrix[c][i]))));

describe.each(OPTIMIZERS)('%s', (_, optimizer, direction, error) => {
  const spare = (index: number, cout: number, rows: number): boolean => 32 * Math.floor(index / (32 * rows)) + (index % 32) >= cout;

  it.each(SHAPES)('one update from 0 equals the definition: %i filters of %i', async (cout, rows) => {
    const zero = Array.from({ length: cout }, () => new Array<number>(rows).fill(0));
    const draw = random(cout * 1000 + rows);
    const [common] = draw(1, rows);
    const different = draw(cout, rows);
    const alike = different.map((row) => row.map((value, i) => Math.fround(common[i] + 0.01 * value)));
    for (const g of [different, alike]) {
      const test = await prepare(optimizer, zero);
      test.update(g, 3e-5, 1);
      expect(
        largestDifference(
          test.weights(),
          map2((x) => -x, direction(g)),
        ),
      ).toBeLessThan(error * RMS);
      for (const values of test.raw()) expect(values.findIndex((value, i) => spare(i, cout, rows) && !Object.is(value, 0))).toBe(-1);
    }
  });

  it('several updates equal the formula', async () => {
    const draw = random(7);
    let w = draw(37, 67);
    let v = map2(() => 0, w);
    const test = await prepare(optimizer, w);
    for (let t = 1; t <= 6; t++) {
      const [scale, rate] = [[1, -0.5, 2][t % 3], 0.02 * t];
      const g = map2((x) => scale * x, draw(37, 67));
      test.update(
        map2((x) => x / scale, g),
        scale,
        rate,
      );
      v = map2((vi, gi) => 0.9 * vi + gi, v, g);
      w = map2((wi, xi) => wi - rate * xi, w, direction(map2((vi, gi) => gi + 0.9 * vi, v, g)));
    }
    // Updates of rms 0.2 * rate, and weights below 2 that are rounded twice per step.
    expect(largestDifference(test.weights(), w)).toBeLessThan(6 * (error * RMS * 0.12 + 2 * 2 ** -24));
  });

  it('a zero gradient moves nothing, NaN and infinity are not hidden', async () => {
    const w = random(8)(33, 5);
    const test = await prepare(optimizer, w);
    test.update(
      map2(() => 0, w),
      1,
      1,
    );
    expect(test.weights()).toEqual(w);
    test.update(
      map2(() => 1e-25, w),
      1,
      1,
    );
    expect(test.weights()).toEqual(w);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e25]) {
      const broken = await prepare(optimizer, w);
      const g = random(9)(33, 5);
      g[3][2] = bad;
      broken.update(g, 1, 1);
      expect(broken.weights()[3].some((value) => Number.isNaN(value))).toBe(true);
      expect(broken.weights()[32].every((value) => Number.isFinite(value))).toBe(true);
    }
  });
});

it('weight decay is decoupled', async () => {
  const w = random(1)(5, 40);
  for (const make of [nsgd, muon]) {
    const test = await prepare(make({ weightDecay: 0.5 }), w);
    test.update(
      map2(() => 0, w),
      1,
      0.1,
    );
    expect(
      largestDifference(
        test.weights(),
        map2((x) => x * 0.95, w),
      ),
    ).toBeLessThan(2 ** -23);
  }
});

it('nsgd moves every filter by rate * rms, whatever the size of its gradient; a dead filter stays', async () => {
  const [cout, rows] = [45, 4608];
  const zero = Array.from({ length: cout }, () => new Array<number>(rows).fill(0));
  const test = await prepare(nsgd({ rms: 0.3 }), zero);
  const g = random(2)(cout, rows).map((row, c) => row.map((value) => (c === 11 ? 0 : Math.fround(value * 10 ** (c / 3 - 10)))));
  test.update(g, 1, 0.01);
  test.weights().forEach((row, c) => {
    const size = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / rows);
    if (c === 11) expect(size).toBe(0);
    else expect(Math.abs(size / 0.003 - 1)).toBeLessThan(2e-6);
  });
});

it("muon moves every block's used filters by rate * rms, and makes them orthogonal", async () => {
  const [cout, rows] = [44, 300];
  const zero = Array.from({ length: cout }, () => new Array<number>(rows).fill(0));
  const common = random(3)(1, rows)[0];
  const g = random(4)(cout, rows).map((row) => row.map((value, i) => Math.fround(0.3 * value + common[i])));
  /** Mean |cosine| between the filters of the first block. */
  const likeness = (w: number[][]): number => {
    const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
    let sum = 0;
    for (let i = 0; i < 32; i++)
      for (let j = 0; j < i; j++) sum += Math.abs(dot(w[i], w[j])) / Math.sqrt(dot(w[i], w[i]) * dot(w[j], w[j])) / (16 * 31);
    return sum;
  };
  const cosines: number[] = [];
  for (const iterations of [0, 2, 5]) {
    const test = await prepare(muon({ iterations }), zero);
    test.update(g, 1, 0.01);
    const w = test.weights();
    for (const part of [w.slice(0, 32), w.slice(32)]) {
      const size = Math.sqrt(part.flat().reduce((sum, value) => sum + value * value, 0) / part.flat().length);
      expect(Math.abs(size / 0.002 - 1)).toBeLessThan(1e-4);
    }
    cosines.push(likeness(w));
  }
  expect(cosines[0]).toBeGreaterThan(0.9);
  expect(cosines[1]).toBeLessThan(0.7);
  expect(cosines[2]).toBeLessThan(0.1);
});

describe('arguments', () => {
  it.each([nsgd, muon])('%o needs filters', async (make) => {
    const runtime = await createRuntime();
    expect(() => make().init(runtime, { name: '5.batchNorm.gamma', data: put(runtime, new Float32Array(4)), elements: 4 })).toThrow(
      `${make().name}: 5.batchNorm.gamma has no filters; use it for the latent weights (optimizer) and adamw() or sgd() for the rest (realOptimizer)`,
    );
  });

  it('ranges', () => {
    expect(() => nsgd({ momentum: -0.1 })).toThrow('nsgd.momentum: got -0.1');
    expect(() => nsgd({ rms: Number.NaN })).toThrow('nsgd.rms: got NaN');
    expect(() => nsgd({ weightDecay: -1 })).toThrow('nsgd.weightDecay: got -1');
    expect(() => muon({ block: 4 as 8 })).toThrow('muon.block: got 4, expected 8, 16 or 32 filters');
    expect(() => muon({ iterations: 7 })).toThrow('muon.iterations: got 7');
  });
});
