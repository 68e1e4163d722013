// Methods whose weights are real in training: the weights of the forward pass, one step and the mode against their float64 definitions.
import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import type { TrainingMethod } from '../../src/train.js';
import { adaste, bayesbinn, fit, mdTanh, pmf, proxquant, train } from '../../src/train.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from '../helpers/layout.js';
import { difference, put as putArray } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { buildState, drain, packed, type StateOnTest } from '../helpers/state.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';
import * as oracle from '../oracle/real-weight-methods.js';

const SHAPE = { cout: 37, cin: 5, kernel: 3 };
const COUNT = 37 * 45;
const RATE = 0.5;

const plain = (built: StateOnTest, values: ArrayLike<number>): Float64Array => {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  return fromLatent(values, cout, kernelHeight * kernelWidth, cin);
};
const latents = (built: StateOnTest): Float64Array => plain(built, built.array(0));
const reals = (built: StateOnTest): Float64Array => plain(built, built.runtime.arena.f32(built.parameter.real, built.parameter.elements));

function put(built: StateOnTest, values: ArrayLike<number>): void {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  built.array(0).set(toLatent(values, cout, kernelHeight * kernelWidth, cin));
  built.state.invalidate();
}

function setGradient({ runtime, parameter }: StateOnTest, values: ArrayLike<number>): void {
  const { cout, cin, kernelHeight, kernelWidth } = parameter.shape;
  runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(values, cout, kernelHeight * kernelWidth, cin));
}

/** Words and real weights are the signs of these values. */
function expectMode(built: StateOnTest, values: ArrayLike<number>): void {
  const { cout, cin, kernelHeight, kernelWidth } = built.parameter.shape;
  const taps = kernelHeight * kernelWidth;
  expect(packed(built)).toEqual([...forwardWords(values, cout, taps, cin), ...backwardWords(values, cout, taps, cin)]);
  expect([...reals(built)]).toEqual(Array.from(values, (x) => (x < 0 ? -1 : 1)));
}

type Definition = (u: number, g: number, progress: number) => { w: number; gradient: number };
const METHODS: [string, TrainingMethod, Definition][] = [
  ['md-tanh', mdTanh({ betaMax: 64 }), (u, g, t) => oracle.mdTanh(u, g, oracle.beta(t, 1, 64))],
  ['md-tanh, to the end', mdTanh(), (u, g, t) => oracle.mdTanh(u, g, oracle.beta(t, 1, 1e4))],
  ['pmf', pmf({ betaMin: 0.5, betaMax: 8 }), (u, g, t) => oracle.pmf(u, g, oracle.beta(t, 0.5, 8), false)],
  ['pmf, exact', pmf({ betaMax: 8, jacobian: 'exact' }), (u, g, t) => oracle.pmf(u, g, oracle.beta(t, 1, 8), true)],
];

describe.each(METHODS)('%s', (_, method, definition) => {
  it.each([0, 0.4, 1])('weights and one step at %d of the run; the mode is the signs', async (progress) => {
    const built = await buildState(method, SHAPE);
    const random = new TestRandom(3);
    const u = random.array(COUNT, (r) => r.f32(-1, 1)).map(Math.fround);
    u.set([0, 1e-6, -1e-6, 1e-3]);
    const g = random.array(COUNT, (r) => r.f32(-1, 1)).map(Math.fround);
    put(built, u);
    built.state.sample({ kind: 'train', step: 4, progress });
    const expected = Array.from(u, (value, i) => definition(value, g[i], progress));
    expect(
      difference(
        reals(built),
        expected.map(({ w }) => w),
        3e-7,
      ),
    ).toBeUndefined();
    setGradient(built, g);
    drain(built.state.update(RATE)); // plain sgd
    const largest = Math.max(1, ...expected.map(({ gradient }) => Math.abs(gradient)));
    const moved = expected.map(({ gradient }, i) => u[i] - RATE * gradient);
    expect(difference(latents(built), moved, 2e-6 * largest)).toBeUndefined();
    const mode = latents(built);
    for (const draw of [{ kind: 'mode' } as const, { kind: 'sample', index: 2 } as const]) {
      built.state.sample(draw);
      expectMode(built, mode);
    }
  });

  it('draws the same weights again after an evaluation', async () => {
    const built = await buildState(method, SHAPE);
    const draw = { kind: 'train', step: 1, progress: 0.5 } as const;
    built.state.sample(draw);
    const first = reals(built);
    built.state.sample({ kind: 'mode' });
    built.state.sample(draw);
    expect(reals(built)).toEqual(first);
  });
});

describe('proxquant', () => {
  it('pulls every step, more and more, by `pull` in all; then weights are signs, which stay', async () => {
    const built = await buildState(proxquant({ pull: 0.5, freeze: 0.75 }), SHAPE);
    const random = new TestRandom(5);
    let w = [...random.array(COUNT, (r) => r.f32(-1.3, 1.3)).map(Math.fround)];
    put(built, w);
    let pulled = 0;
    const steps = 20;
    for (let step = 0; step < steps; step++) {
      const draw = (k: number) => ({ kind: 'train', step: k, progress: k / steps }) as const;
      built.state.sample(draw(step));
      expect(difference(reals(built), w, 4e-6)).toBeUndefined();
      const g = random.array(COUNT, (r) => r.f32(-0.1, 0.1));
      setGradient(built, g);
      drain(built.state.update(RATE, draw(step + 1))); // plain sgd
      const [from, to] = [step / steps, (step + 1) / steps].map((t) => Math.min(t, 0.75) ** 2 / 0.75 ** 2);
      const strength = 0.5 * (to - from);
      pulled += strength;
      if (step < 14) w = w.map((x, i) => oracle.prox(x - RATE * g[i], strength));
      else if (step === 14) w = w.map((x, i) => (x - RATE * g[i] < 0 ? -1 : 1));
    }
    expect(pulled).toBeCloseTo(0.5, 12);
    expect([...latents(built)]).toEqual(w);
    built.state.sample({ kind: 'mode' });
    expectMode(built, w);
    const spare = built.array(0).filter((_, i) => i >= 32 * 45 && i % 32 >= 5);
    expect(spare.every((value) => value === 0)).toBe(true);
  });

  it('F11: strength .2 takes .3 to .5, -.9 and -1.1 to -1, 1.5 to 1.3', async () => {
    const built = await buildState(proxquant({ pull: 0.2, freeze: 1 }), { cout: 4, cin: 1 });
    put(built, [0.3, -0.9, 1.5, -1.1]);
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    setGradient(built, [0, 0, 0, 0]);
    drain(built.state.update(1, { kind: 'train', step: 1, progress: 1 - 2 ** -24 }));
    [0.5, -1, 1.3, -1].forEach((w, i) => {
      expect(latents(built)[i]).toBeCloseTo(w, 6);
    });
  });
});

describe('adaste', () => {
  it.each([0, 0.1, 0.2, 0.27, 0.9])('weights and steps at %d of the run', async (progress) => {
    const options = { dataScale: 2, momentum: 0.9 };
    const built = await buildState(adaste(options), { ...SHAPE, trainingSamples: 3 });
    expect(latents(built).every((x) => Math.abs(x) === 10)).toBe(true);
    const random = new TestRandom(8);
    const theta = random.array(COUNT, (r) => r.f32(-2, 2)).map(Math.fround);
    put(built, theta);
    let state = Array.from(theta, (x) => ({ w: 0, theta: x, m: 0 }));
    const beta = Math.min(100, 0.01 * 1e4 ** (progress / 0.27));
    [0.002, 0.003].forEach((rate, step) => {
      built.state.sample({ kind: 'train', step, progress });
      // Small ones beside large ones.
      const g = random.array(COUNT, (r) => r.f32(-1, 1) * (r.sign() < 0 ? 1 : 0.001)).map(Math.fround);
      setGradient(built, g);
      drain(built.state.update(rate));
      const rule = { alpha: 0.01, beta, settled: progress >= 0.27, size: 36, momentum: 0.9, rate, t: step + 1 };
      const next = state.map(({ theta: x, m }, i) => oracle.adaste(x, m, g[i], rule));
      if (step === 0)
        expect(
          difference(
            plain(built, built.array(0)),
            next.map((value) => value.theta),
            1e-5,
          ),
        ).toBeUndefined();
      state = next;
    });
    expect(
      difference(
        latents(built),
        state.map((value) => value.theta),
        2e-5,
      ),
    ).toBeUndefined();
    built.state.sample({ kind: 'train', step: 2, progress });
    const rule = { alpha: 0.01, beta, settled: progress >= 0.27, size: 0, momentum: 0, rate: 0, t: 1 };
    expect(
      difference(
        reals(built),
        Array.from(latents(built), (x) => oracle.adaste(x, 0, 0, rule).w),
        1e-6,
      ),
    ).toBeUndefined();
    built.state.sample({ kind: 'mode' });
    expectMode(built, latents(built));
  });

  it('weights are signs where alpha beta is 1', async () => {
    const built = await buildState(adaste(), SHAPE);
    put(
      built,
      new TestRandom(9).array(COUNT, (r) => r.f32(-0.01, 0.01)),
    );
    built.state.sample({ kind: 'train', step: 9, progress: 0.27 });
    expect(reals(built).every((w) => Math.abs(w) === 1)).toBe(true);
  });
});

describe('bayesbinn at temperatures whose weights are real', () => {
  it.each([0.01, 0.5, 2])('follows its definition at %d', async (temperature) => {
    const built = await buildState(bayesbinn({ temperature, dataScale: 2, kl: 0.5 }), { ...SHAPE, trainingSamples: 3 });
    const { runtime, parameter } = built;
    const lambda = new TestRandom(6).array(COUNT, (r) => r.f32(-2, 2)).map(Math.fround);
    put(built, lambda);
    built.state.sample({ kind: 'train', step: 7, progress: 0 });
    const drawn = runtime.arena.allocate(parameter.elements * 4, 'workspace');
    const stream = { seed: 1, purpose: purposeId('noise/train/1.binaryConv2d.weight'), step: 7 };
    runtime.uniform(drawn, parameter.elements, -1, 1 - 2 ** -24, stream);
    const noise = plain(built, runtime.arena.f32(drawn, parameter.elements));
    const g = new TestRandom(7).array(COUNT, (r) => r.f32(-1, 1)).map(Math.fround);
    const rule = { temperature, size: 6, kl: 0.5, rate: 0.01 };
    const expected = Array.from(lambda, (x, i) => oracle.bayesbinn(x, noise[i], g[i], rule));
    expect(
      difference(
        reals(built),
        expected.map(({ w }) => w),
        1e-7,
      ),
    ).toBeUndefined();
    setGradient(built, g);
    drain(built.state.update(0.01));
    // 1 - w^2 of an f32 w near ±1 is off by 2^-24 / (1 - mu^2).
    latents(built).forEach((value, i) => {
      const { s, mu, lambda: exact } = expected[i];
      const error = 3e-7 * (s + 1 / (temperature * (1 - mu * mu)));
      expect(Math.abs(value - exact), `${i}`).toBeLessThanOrEqual(0.06 * error + 1e-6);
    });
    built.state.sample({ kind: 'mode' });
    expectMode(built, latents(built));
    built.state.sample({ kind: 'sample', index: 3 });
    const sample = reals(built);
    expectMode(built, sample);
    expect(sample).not.toEqual(latents(built).map((x) => (x < 0 ? -1 : 1)));
  });

  it('F10: lambda .3, u .2, tau .5', () => {
    const step = oracle.bayesbinn(0.3, 2 * 0.2 - 1, 0.02, { temperature: 0.5, size: 100, kl: 1, rate: 1e-3 });
    expect(step.delta).toBeCloseTo(-Math.LN2, 8);
    expect([step.w, step.mu, step.s, step.lambda].map((x) => x.toFixed(8))).toEqual(
      [-0.656304676, 0.291312612, 1.244107049, 0.297211786].map((x) => x.toFixed(8)),
    );
  });

  it.each([
    [0, 0.75, 1, 0.5, 0.75],
    [Math.atanh(0.5), 0.5, 1, 0.5, 1],
    [0.3, 0.2, 0.5, -0.656304676, 1.244107049],
  ])('F10 through the kernels: lambda %d, u %d, tau %d give w %d and s %d', async (lambda, u, tau, w, s) => {
    const runtime = await createRuntime();
    const four = (value: number): number => putArray(runtime, new Float32Array(4).fill(value));
    const [at, mu, real, g] = [four(lambda), four(Math.tanh(lambda)), four(0), four(2 ** -6)];
    runtime.run('relax_bernoulli', 1, at, four(2 * u - 1), real, 4, tau);
    expect(runtime.arena.f32(real, 1)[0]).toBeCloseTo(w, 6);
    runtime.run('update_bayesbinn', 1, at, mu, g, real, 0, 4, tau, 100, 0, 0, 1, 1);
    expect((lambda - runtime.arena.f32(at, 1)[0]) / (100 * 2 ** -6)).toBeCloseTo(s, 5);
  });
});

describe('F11', () => {
  it('md-tanh: from .2, with eta beta g = .5, to -.288809965', async () => {
    const built = await buildState(mdTanh({ betaMin: 1, betaMax: 1 }), { cout: 1, cin: 1 });
    put(built, [Math.atanh(0.2)]);
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    expect(reals(built)[0]).toBeCloseTo(0.2, 6);
    setGradient(built, [1]);
    drain(built.state.update(0.5));
    built.state.sample({ kind: 'train', step: 1, progress: 0 });
    expect(reals(built)[0]).toBeCloseTo(-0.288809965, 6);
  });
});

describe('a run', () => {
  it('of bayesbinn at a temperature of 0.01 learns digits; its ensemble, too', async () => {
    const method = bayesbinn({ temperature: 0.01, dataScale: 1 });
    const { result } = await fit({ model: tinyNet, data: fewDigits(3000, 500), method, epochs: 4, batchSize: 64, samples: 2, seed: 3 });
    expect(result.testAccuracy).toBeGreaterThan(0.85);
    expect(result.ensembleAccuracy).toBeGreaterThan(0.85);
  });

  it('refuses rounded gradients', () => {
    expect(() => train({ model: tinyNet, data: fewDigits(), method: pmf(), gradients: 'int8' })).toThrow(
      /^gradients: got "int8", expected 'f32': the weights of pmf are real numbers in training/,
    );
  });
});

it.each([
  [() => mdTanh({ betaMin: 0 }), /mdTanh\.betaMin: got 0/],
  [() => mdTanh({ betaMin: 2, betaMax: 1 }), /mdTanh\.betaMax: got 1, expected a finite number from 2/],
  [() => proxquant({ pull: -1 }), /proxquant\.pull: got -1/],
  [() => proxquant({ freeze: 0 }), /proxquant\.freeze: got 0/],
  [() => adaste({ alpha: 0 }), /adaste\.alpha: got 0/],
  [() => adaste({ betaMin: 100 }), /adaste\.betaMin: got 100, expected a number above 0 and below 100/],
  [() => adaste({ anneal: 2 }), /adaste\.anneal: got 2/],
  [() => bayesbinn({ temperature: 0 }), /bayesbinn\.temperature: got 0, expected a number above 0/],
  [() => pmf({ betaMin: -1 }), /pmf\.betaMin: got -1/],
  [() => pmf({ jacobian: 'no' as 'exact' }), /pmf\.jacobian: got "no"/],
])('options out of range are refused: %s', (create, message) => {
  expect(create).toThrow(message);
});
