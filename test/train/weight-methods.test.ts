// Every method's weights and one step of it against its float64 definition, and the vectors that follow from its formulas.
import { describe, expect, it } from 'vitest';
import { nearestPowerOfTwo } from '../../src/train/methods/irnet.js';
import { SURROGATES } from '../../src/train/methods/standardized.js';
import type { TrainingMethod } from '../../src/train.js';
import { bayesbinn, binaryConnect, bireal, bop, dorefa, irnet, recu, siman, ste, xnor } from '../../src/train.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from '../helpers/layout.js';
import { difference, put as putArray } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { buildState, drain, packed, type StateOnTest, signs } from '../helpers/state.js';
import * as oracle from '../oracle/methods.js';

const RATE = 0.5;

const filters = (flat: ArrayLike<number>, cout: number): number[][] => {
  const n = flat.length / cout;
  return Array.from({ length: cout }, (_, c) => Array.from({ length: n }, (_, i) => flat[c * n + i]));
};

function put(built: StateOnTest, values: ArrayLike<number>): void {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  built.array(0).set(toLatent(values, cout, kernelHeight * kernelWidth, cin));
  built.state.invalidate();
}

function setGradient({ runtime, parameter }: StateOnTest, values: ArrayLike<number>): void {
  const { cout, cin, kernelHeight, kernelWidth } = parameter.shape;
  runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(values, cout, kernelHeight * kernelWidth, cin));
}

function latents(built: StateOnTest): Float64Array {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  return fromLatent(built.array(0), cout, kernelHeight * kernelWidth, cin);
}

/** The words hold these signs, [cout][tap][cin]. */
function expectWords(built: StateOnTest, values: number[]): void {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  const taps = kernelHeight * kernelWidth;
  expect(packed(built)).toEqual([...forwardWords(values, cout, taps, cin), ...backwardWords(values, cout, taps, cin)]);
}

type Definition = (w: number[][], progress: number) => oracle.OracleWeights;

const METHODS: [string, TrainingMethod, Definition][] = [
  ['xnor', xnor(), (w) => oracle.xnor(w)],
  ['dorefa', dorefa(), (w) => oracle.dorefa(w)],
  ['bireal', bireal(), (w) => oracle.bireal(w)],
  ['irnet', irnet(), (w, progress) => oracle.irnet(w, progress)],
  ['irnet of ResNet-20', irnet({ tMin: 1e-3 }), (w, progress) => oracle.irnet(w, progress, 1e-3)],
  ['recu', recu(), (w, progress) => oracle.recu(w, progress)],
  ['recu, another schedule', recu({ tauMin: 0.6, tauMax: 0.7 }), (w, progress) => oracle.recu(w, progress, 0.6, 0.7)],
  ['siman', siman(), (w) => oracle.siman(w)],
];

const SHAPES = [
  { cout: 37, cin: 5, kernel: 3 },
  { cout: 70, cin: 67, kernel: 1 },
  { cout: 130, cin: 9, kernel: 3 },
];

describe.each(METHODS)('%s', (_, method, definition) => {
  describe.each(SHAPES)('$cin -> $cout, kernel $kernel', ({ cout, cin, kernel }) => {
    it.each([0, 0.4, 1])('signs, scales and one step at %d of the run', async (progress) => {
      const built = await buildState(method, { cout, cin, kernel });
      const { runtime, parameter, state } = built;
      const random = new TestRandom(cout);
      const size = cout * cin * kernel * kernel;
      // Filters of different means and widths, some weights beyond 1.
      const w = random.array(size, (r) => r.f32(-1, 1)).map((x, i) => Math.fround(x * (0.3 + ((i * 7) % cout) / cout) + 0.1));
      const db = random.array(size, (r) => r.f32(-0.5, 0.5));
      put(built, w);
      const expected = definition(filters(w, cout), progress);
      for (const draw of [
        { kind: 'mode' } as const,
        { kind: 'sample', index: 3 } as const,
        { kind: 'train', step: 5, progress } as const,
      ]) {
        state.sample(draw);
        expectWords(built, expected.signs.flat());
        expect(difference(runtime.arena.f32(parameter.scale, cout), expected.scale, 2e-7)).toBeUndefined();
      }
      // What the network hands over is the gradient of the signs: scale dL/db.
      const n = size / cout;
      setGradient(
        built,
        db.map((g, i) => g * expected.scale[Math.floor(i / n)]),
      );
      drain(state.update(RATE)); // plain sgd
      const moved = expected.gradient(filters(db, cout)).flat();
      const largest = Math.max(...moved.map(Math.abs));
      expect(largest).toBeGreaterThan(0.01);
      expect(
        difference(
          latents(built),
          moved.map((g, i) => w[i] - RATE * g),
          3e-6 * Math.max(1, largest),
        ),
      ).toBeUndefined();
      const spare = built.array(0).filter((_, i) => i >= Math.floor(cout / 32) * 32 * n && i % 32 >= cout % 32);
      expect(spare.every((value) => value === 0)).toBe(true);
    });
  });
});

describe('what the scale of the gradient is', () => {
  it('xnor: alpha of (.5, -.25, .75, -1) is .625', async () => {
    const built = await buildState(xnor(), { cout: 1, cin: 4 });
    put(built, [0.5, -0.25, 0.75, -1]);
    built.state.sample({ kind: 'mode' });
    expect(built.runtime.arena.f32(built.parameter.scale, 1)[0]).toBe(0.625);
  });

  it.each([xnor(), dorefa(), bireal(), irnet(), recu(), siman()])('weights that are all 0 stay numbers: $name', async (method) => {
    const built = await buildState(method, { cout: 3, cin: 2 });
    put(built, Array(6).fill(0));
    built.state.sample({ kind: 'train', step: 0, progress: 0.5 });
    setGradient(built, [1, 2, 3, 4, 5, 6]);
    drain(built.state.update(1));
    built.state.sample({ kind: 'mode' });
    expect([...built.array(0), ...built.runtime.arena.f32(built.parameter.scale, 3)].every(Number.isFinite)).toBe(true);
  });

  it.each([
    [0.7, 0.5],
    [0.71, 1],
    [1.41, 1],
    [1.42, 2],
    [1e-20, 2 ** -66],
    [1e20, 2 ** 66],
    [0, 1],
  ])('irnet: the power of two nearest to %d is %d', (x, power) => {
    expect(nearestPowerOfTwo(x)).toBe(power);
  });
});

describe('F9 and F11 through the product', () => {
  it('recu: Q / mean |y| is 1.203973, 1.609438, 3.912023 for tau .85, .9, .99', async () => {
    for (const [tau, q] of [
      [0.85, 1.203973],
      [0.9, 1.609438],
      [0.99, 3.912023],
    ]) {
      expect(oracle.recuQuantile(tau)).toBeCloseTo(q, 6);
      // 1,000 weights of one filter, evenly spaced in -1..1: y is w up to a factor, so a weight is clamped where |w| > q mean |w|.
      const w = Array.from({ length: 1000 }, (_, i) => Math.fround((2 * i - 999) / 999)).map((x, i) => (i === 0 ? -4 : i === 999 ? 4 : x));
      const built = await buildState(recu({ tauMin: tau, tauMax: tau }), { cout: 1, cin: 1000 });
      const limit = (q * w.reduce((total, x) => total + Math.abs(x), 0)) / 1000;
      put(built, w);
      built.state.sample({ kind: 'train', step: 0, progress: 0.3 });
      // An alternating gradient has mean 0, and no correlation with y: what is left at a weight is its own part.
      setGradient(
        built,
        w.map((_, i) => (i % 2 === 0 ? 1 : -1)),
      );
      drain(built.state.update(1));
      const moved = latents(built).map((x, i) => Math.abs(x - w[i]));
      const passed = w.filter((x, i) => Math.abs(x) <= limit && moved[i] > 1).length;
      const held = w.filter((x, i) => Math.abs(x) > limit && moved[i] < 1).length;
      expect(passed + held).toBe(1000);
      expect(held).toBe(w.filter((x) => Math.abs(x) > limit).length);
    }
  });

  it.each<[number, number[]]>([
    [0.1, [0.961043, 0.990066, 0.994396, 0.999375, 1, 0.999375, 0.994396, 0.990066]],
    [1, [0.070651, 0.419974, 0.596586, 0.940015, 1, 0.940015, 0.596586, 0.419974, 0.180707]],
    [10, [0, 0, 1.2e-5, 0.265922, 10, 0.265922, 1.2e-5, 0, 0]],
  ])('EDE at t = %d', async (t, expected) => {
    const x = [-2, -1, -0.75, -0.25, 0, 0.25, 0.75, 1, 1.5].slice(0, expected.length);
    // Each x four times, twice negated, with gradients whose mean and correlation with x are 0: what is left is the surrogate.
    const rows = 4 * x.length;
    const tile = (value: (i: number) => number): Float32Array => Float32Array.from({ length: rows * 32 }, (_, i) => value(i >> 5));
    const runtime = await createRuntime();
    const w = putArray(
      runtime,
      tile((i) => (i % 2 === 0 ? x[i >> 2] : -x[i >> 2])),
    );
    const gradient = putArray(
      runtime,
      tile((i) => (i % 4 < 2 ? 1 : -1)),
    );
    const [center, inverse] = [0, 1].map((value) => putArray(runtime, new Float32Array(32).fill(value)));
    runtime.run('standardize_dw', 1, gradient, w, center, inverse, rows, SURROGATES.ede, t, Math.max(1 / t, 1) * t);
    const factors = runtime.arena.f32(gradient, rows * 32);
    expected.forEach((value, i) => {
      for (const lane of [0, 31]) expect(factors[i * 128 + lane]).toBeCloseTo(value, 5);
      expect(oracle.ede(x[i], t)).toBeCloseTo(value, 5);
    });
  });

  it('bop flips +1 at m = 2e-8, not at -2e-8 and 5e-9, nor at the threshold itself', async () => {
    const threshold = Math.fround(1e-8);
    const built = await buildState(bop({ threshold }), { cout: 8, cin: 1 });
    put(built, [1, 1, 1, 1, -1, -1, -1, -1]);
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    setGradient(built, [2e-8, -2e-8, 5e-9, threshold, 2e-8, -2e-8, -5e-9, -threshold]);
    drain(built.state.update(1)); // gamma 1: m is the gradient
    built.state.sample({ kind: 'mode' });
    expect(signs(built)).toEqual([-1, 1, 1, 1, -1, 1, -1, -1]);
    expect(built.state.readCounts().flips).toBe(2);
  });

  it.each([
    [10, 1e-10, 1e10],
    [10, 1e-8, 1e8],
    [2, 1e-10, 14.154116],
    [-2, 1e-10, 14.154116],
  ])('F10: the s of lambda = %d at temperature %d is %d', async (lambda, temperature, s) => {
    const built = await buildState(bayesbinn({ temperature, dataScale: 1, kl: 0 }), { cout: 3, cin: 1, trainingSamples: 100 });
    put(built, Array(3).fill(lambda));
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    setGradient(built, [2 ** -6, -(2 ** -6), 0]);
    drain(built.state.update(1)); // lambda - N s g
    const moved = [...latents(built)].map((value) => (lambda - value) / (100 * 2 ** -6));
    expect(moved[0] / s).toBeCloseTo(1, 6);
    expect(moved[1] / s).toBeCloseTo(-1, 6);
    expect(moved[2]).toBe(0);
  });
});

describe('binary-connect', () => {
  it('without chance is ste with a clip, bit for bit', async () => {
    const states = await Promise.all([binaryConnect({ clip: 0.2 }), ste({ clip: 0.2 })].map((method) => buildState(method, SHAPES[0])));
    for (let step = 0; step < 4; step++) {
      for (const built of states) {
        built.state.sample({ kind: 'train', step, progress: 0 });
        setGradient(
          built,
          new TestRandom(step).array(37 * 45, (r) => r.f32(-1, 1)),
        );
      }
      expect(packed(states[0])).toEqual(packed(states[1]));
      for (const built of states) drain(built.state.update(0.1));
      expect(states[0].array(0)).toEqual(states[1].array(0));
    }
    expect(states[0].state.readCounts()).toEqual(states[1].state.readCounts());
  });

  it('stochastic: P(+1) = clip((w + 1) / 2, 0, 1), and 1 - 2 P is counted as differing', async () => {
    const built = await buildState(binaryConnect({ stochastic: true }), { cout: 5, cin: 1 });
    const w = [-1, -0.5, 0, 0.8, 1];
    put(built, w);
    built.state.sample({ kind: 'mode' });
    expect(signs(built)).toEqual([-1, -1, 1, 1, 1]);
    const draws = 20000;
    const plus = [0, 0, 0, 0, 0];
    for (let step = 0; step < draws; step++) {
      built.state.sample({ kind: 'train', step, progress: 0 });
      signs(built).forEach((s, i) => {
        if (s > 0) plus[i]++;
      });
    }
    expect([plus[0], plus[4]]).toEqual([0, draws]);
    w.forEach((x, i) => {
      const p = (x + 1) / 2;
      expect(Math.abs(plus[i] / draws - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws));
    });
    const counts = built.state.readCounts();
    expect(counts.draws).toBe(draws);
    expect(counts.differing).toBe(plus[1] + (draws - plus[2]) + (draws - plus[3]));
  });

  it('stochastic: draws are functions of seed, purpose and step', async () => {
    const states = await Promise.all([1, 1, 2].map((seed) => buildState(binaryConnect({ stochastic: true }), { ...SHAPES[0], seed })));
    const draw = (built: StateOnTest, kind: 'train' | 'sample', n: number): number[] => {
      built.state.sample(kind === 'train' ? { kind, step: n, progress: 0 } : { kind, index: n });
      return packed(built);
    };
    const first = draw(states[0], 'train', 3);
    expect(draw(states[0], 'sample', 3)).not.toEqual(first);
    expect(draw(states[0], 'train', 4)).not.toEqual(first);
    expect(draw(states[1], 'train', 3)).toEqual(first);
    expect(draw(states[2], 'train', 3)).not.toEqual(first);
  });
});

it('tanh_f32 is tanh, rounded to f32 or the float beside it, whatever its neighbours are', async () => {
  const runtime = await createRuntime();
  const x = [
    0.25, 0, -0, 1e-30, -1e-9, 1e-4, -2.44e-4, 2.45e-4, 1e-3, -0.01, 0.1, -0.5, 1, 2, -3, 5, 8.9, -9.011, 9.0125, 9.02, -9.03, 1e9, 10, 10,
    -10, 20,
  ].map(Math.fround);
  const y = putArray(runtime, new Float32Array(x.length));
  runtime.run('tanh_f32', 1, putArray(runtime, Float32Array.from(x)), y, x.length);
  runtime.arena.f32(y, x.length).forEach((value, i) => {
    const expected = Math.tanh(x[i]);
    expect(Object.is(value, -0), `${x[i]}`).toBe(Object.is(x[i], -0));
    expect(Math.abs(value - expected), `${x[i]}`).toBeLessThanOrEqual(2 ** -24 * Math.abs(expected));
    if (Math.abs(x[i]) >= 9.02) expect(Math.abs(value)).toBe(1);
  });
});

describe('bop', () => {
  it('holds weights of ±1, and follows its definition over several steps', async () => {
    const threshold = 2 ** -8;
    const built = await buildState(bop({ threshold }), SHAPES[0]);
    let state = [...latents(built)].map((w): [number, number] => [w, 0]);
    expect(state.every(([w]) => Math.abs(w) === 1)).toBe(true);
    let flips = 0;
    for (let step = 0; step < 5; step++) {
      built.state.sample({ kind: 'train', step, progress: 0 });
      const g = new TestRandom(step).array(37 * 45, (r) => r.f32(-0.1, 0.1));
      setGradient(built, g);
      drain(built.state.update(0.25));
      const next = state.map(([w, m], i) => oracle.bop(w, m, g[i], 0.25, threshold));
      flips += next.filter(([w], i) => w !== state[i][0]).length;
      state = next;
    }
    expect([...latents(built)]).toEqual(state.map(([w]) => w));
    built.state.sample({ kind: 'mode' });
    expect(built.state.readCounts().flips).toBe(flips);
    expect(flips).toBeGreaterThan(100);
  });
});

describe('bayesbinn', () => {
  it.each([
    { momentum: 0, kl: 1 },
    { momentum: 0.9, kl: 0.5 },
  ])('follows its definition over several steps: %o', async ({ momentum, kl }) => {
    const options = { temperature: 1e-8, dataScale: 2, lambda: 1.5, momentum, kl };
    const built = await buildState(bayesbinn(options), { ...SHAPES[0], trainingSamples: 3 });
    const rates = [0.01, 0.02, 0.015];
    let state = [...latents(built)].map((lambda): [number, number] => [lambda, 0]);
    expect(state.every(([lambda]) => Math.abs(lambda) === 1.5)).toBe(true);
    rates.forEach((rate, step) => {
      built.state.sample({ kind: 'train', step, progress: 0 });
      const g = new TestRandom(step).array(37 * 45, (r) => r.f32(-1, 1));
      setGradient(built, g);
      drain(built.state.update(rate));
      const rule = { temperature: 1e-8, size: 6, kl, beta: momentum, rate, t: step + 1 };
      state = state.map(([lambda, m], i) => oracle.bayesbinn(lambda, m, g[i], rule));
    });
    expect(
      difference(
        latents(built),
        state.map(([lambda]) => lambda),
        1e-5,
      ),
    ).toBeUndefined();
  });

  it('draws +1 with probability (1 + tanh lambda) / 2; the mode is the sign', async () => {
    const built = await buildState(bayesbinn(), { cout: 4, cin: 1 });
    const lambda = [-10, -0.5, 0.2, 10];
    put(built, lambda);
    built.state.sample({ kind: 'mode' });
    expect(signs(built)).toEqual([-1, -1, 1, 1]);
    const draws = 20000;
    const plus = [0, 0, 0, 0];
    for (let index = 0; index < draws; index++) {
      built.state.sample({ kind: 'sample', index });
      signs(built).forEach((s, i) => {
        if (s > 0) plus[i]++;
      });
    }
    lambda.forEach((x, i) => {
      const p = 1 / (1 + Math.exp(-2 * x));
      expect(Math.abs(plus[i] / draws - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / draws) + 1e-9);
    });
  });
});

it.each([
  [() => binaryConnect({ clip: 0 }), /binaryConnect\.clip: got 0/],
  [() => irnet({ tMin: 0 }), /irnet\.tMin: got 0/],
  [() => irnet({ tMin: 2, tMax: 1 }), /irnet\.tMax: got 1, expected a finite number from 2/],
  [() => recu({ tauMin: 0.5 }), /recu\.tauMin: got 0\.5/],
  [() => recu({ tauMax: 1 }), /recu\.tauMax: got 1/],
  [() => bop({ threshold: -1 }), /bop\.threshold: got -1/],
  [() => bayesbinn({ momentum: 1 }), /bayesbinn\.momentum: got 1/],
])('options out of range are refused: %s', (create, message) => {
  expect(create).toThrow(message);
});
