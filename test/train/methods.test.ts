import { describe, expect, it } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import type { NamedBuffer } from '../../src/train/method.js';
import { createMethod, methodNames } from '../../src/train/methods/registry.js';
import { ste } from '../../src/train/methods/ste.js';
import { type VispaOptions, vispa } from '../../src/train/methods/vispa.js';
import { adamw } from '../../src/train/optimizers/adamw.js';
import { createOptimizer, optimizerNames } from '../../src/train/optimizers/registry.js';
import { toLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, packed, type StateOnTest, setGaussian, signs } from '../helpers/state.js';

const M = [3, -0.5, 0.1];
const Z = [
  [4, 0, 1],
  [0, 2, -1],
];

/** F3's layer: one input, three outputs, S = 4, rank 2. */
async function f3(options: VispaOptions = {}, m = M): Promise<StateOnTest> {
  const built = await buildState(vispa({ rank: 2, noiseScale: 4, ...options }), { cout: 3, cin: 1 });
  setGaussian(built, m, Z);
  return built;
}

function setGradient({ runtime, parameter }: StateOnTest, values: number[]): void {
  runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(values, values.length, 1, 1));
}

/** Means of the signs and of their pairwise products (01, 02, 12) over `draws` samples. */
function moments(built: StateOnTest, draws: number): { signs: number[]; products: number[] } {
  const sums = [0, 0, 0, 0, 0, 0];
  for (let index = 0; index < draws; index++) {
    built.state.sample({ kind: 'sample', index });
    const [a, b, c] = signs(built);
    [a, b, c, a * b, a * c, b * c].forEach((value, i) => {
      sums[i] += value;
    });
  }
  const means = sums.map((sum) => sum / draws);
  return { signs: means.slice(0, 3), products: means.slice(3) };
}

function expectMeans(actual: number[], expected: number[], draws: number): void {
  expected.forEach((mean, i) => {
    expect(Math.abs(actual[i] - mean), `mean ${i}`).toBeLessThan(5 * Math.sqrt((1 - mean * mean) / draws));
  });
}

describe('F3: a layer vector', () => {
  const draws = 200000;

  it('means and correlations of the signs', async () => {
    const actual = moments(await f3(), draws);
    expectMeans(actual.signs, [0.866385597, -0.382924923, 0.112462916], draws);
    expectMeans(actual.products, [-0.331760638, 0.23260067, -0.480128127], draws);
  });

  it('with M = 0', async () => {
    const actual = moments(await f3({}, [0, 0, 0]), draws);
    expectMeans(actual.signs, [0, 0, 0], draws);
    expectMeans(actual.products, [0, 0.5, -0.5], draws);
  });

  it('gradients: dM = g, dZ_k = eps_k g, with the eps of the training draw', async () => {
    const built = await f3();
    const { runtime, state } = built;
    const step = 7;
    state.sample({ kind: 'train', step, progress: 0 });
    const eps = runtime.arena.allocate(16, 'workspace');
    runtime.normal(eps, 2, 1, { seed: 1, purpose: purposeId('noise/train/1.binaryConv2d.weight'), step });
    const [e0, e1] = runtime.arena.f32(eps, 2);
    expect(signs(built)).toEqual(M.map((m, i) => (m + (e0 / 2) * Z[0][i] + (e1 / 2) * Z[1][i] < 0 ? -1 : 1)));
    const g = [0.2, -0.4, 1];
    setGradient(built, g);
    drain(state.update(1)); // plain sgd
    const expected = [M, ...Z].map((row, k) => row.map((value, i) => value - [1, e0, e1][k] * g[i]));
    expect(difference(built.array(0), toLatent(expected[0], 3, 1, 1), 1e-6)).toBeUndefined();
    expect(difference(built.array(1), [...toLatent(expected[1], 3, 1, 1), ...toLatent(expected[2], 3, 1, 1)], 1e-6)).toBeUndefined();
  });

  it("normalize 'row' after an update: m^2 + sum z^2 / S = 1, in the direction of F3", async () => {
    const built = await f3({ normalize: 'row' });
    built.state.sample({ kind: 'train', step: 0, progress: 0 });
    setGradient(built, [0, 0, 0]);
    drain(built.state.update(1));
    expect(difference(built.array(0).subarray(0, 3), [0.832050294, -0.447213595, 0.140028008], 1e-6)).toBeUndefined();
    expect(difference(built.array(1).subarray(0, 3), [1.109400392, 0, 1.400280084], 1e-6)).toBeUndefined();
    expect(difference(built.array(1).subarray(32, 35), [0, 1.788854382, -1.400280084], 1e-6)).toBeUndefined();
  });
});

describe('annealed noise', () => {
  it.each([
    [0, 1],
    [0.79, 1],
    [0.9, 0.5],
    [0.999, 0.005],
  ])('at %f of the run a factor of %f: in the weights and in the gradient of Z', async (progress, factor) => {
    const plain = await f3();
    const annealed = await f3({ noiseAnneal: 0.2 });
    for (const built of [plain, annealed]) {
      built.array(1).fill(0);
      built.state.sample({ kind: 'train', step: 7, progress });
      setGradient(built, [1, -2, 0.5]);
      drain(built.state.update(1));
    }
    const moved = [plain, annealed].map((built) => Array.from(built.array(1).subarray(0, 3)));
    moved[1].forEach((value, i) => {
      expect(value).toBeCloseTo(factor * moved[0][i], 5);
    });
  });

  it('at the end of the run a training draw is the mode; a sample for evaluation is not', async () => {
    const built = await buildState(vispa({ noiseScale: 0.01, noiseAnneal: 0.5 }), { cout: 70, cin: 33 });
    built.state.sample({ kind: 'mode' });
    const mode = packed(built);
    built.state.sample({ kind: 'train', step: 3, progress: 1 });
    expect(packed(built)).toEqual(mode);
    built.state.sample({ kind: 'train', step: 3, progress: 0.99 });
    const late = packed(built);
    built.state.sample({ kind: 'train', step: 3, progress: 0.2 });
    expect(packed(built)).not.toEqual(late);
    built.state.sample({ kind: 'sample', index: 3 });
    expect(packed(built)).not.toEqual(mode);
  });
});

it('F5: a linear loss moves M by exactly its gradient and Z by noise of mean 0', async () => {
  const built = await f3();
  const c = [0.5, -1, 2];
  const steps = 4096;
  setGradient(built, c);
  for (let step = 0; step < steps; step++) {
    built.state.sample({ kind: 'train', step, progress: 0 });
    drain(built.state.update(2 ** -10));
  }
  // Steps of 2^-11 or more on numbers below 16 are exact in f32, but for 0.1, which is rounded once per binade.
  expect(
    difference(
      built.array(0).subarray(0, 3),
      M.map((m, i) => m - c[i] * 4),
      1e-5,
    ),
  ).toBeUndefined();
  Z.forEach((row, k) => {
    row.forEach((value, i) => {
      const meanEps = (value - built.array(1)[k * 32 + i]) / (c[i] * 4);
      expect(Math.abs(meanEps)).toBeLessThan(5 / Math.sqrt(steps));
      expect(meanEps).not.toBe(0);
    });
  });
});

describe('F14', () => {
  const SHAPE = { cout: 70, cin: 33, kernel: 3 };
  const random = (): TestRandom => new TestRandom(14);

  /** Random gradients, the same ones for every state that asks in the same order. */
  function gradient(built: StateOnTest, source: TestRandom): void {
    const { runtime, parameter } = built;
    const { cout, cin } = parameter.shape;
    runtime.arena.f32(parameter.gradient, parameter.elements).set(
      toLatent(
        source.array(cout * 9 * cin, (r) => r.f32(-0.1, 0.1)),
        cout,
        9,
        cin,
      ),
    );
  }

  it('(a) the signs do not depend on the row normalisation', async () => {
    const plain = await buildState(vispa(), SHAPE);
    const normalized = await buildState(vispa({ normalize: 'row' }), SHAPE);
    expect(normalized.array(0)).not.toEqual(plain.array(0));
    for (let index = 0; index < 200; index++) {
      plain.state.sample({ kind: 'sample', index });
      normalized.state.sample({ kind: 'sample', index });
      expect(packed(normalized)).toEqual(packed(plain));
    }
  });

  it('(b) S -> infinity: forward is the sign of M, the gradient of Z stays eps g', async () => {
    const built = await buildState(vispa({ noiseScale: 1e30 }), SHAPE);
    const usual = await buildState(vispa(), SHAPE);
    built.state.sample({ kind: 'mode' });
    const mode = packed(built);
    for (const state of [built, usual]) {
      state.state.sample({ kind: 'train', step: 1, progress: 0 });
      gradient(state, random());
    }
    expect(packed(built)).toEqual(mode);
    expect(packed(usual)).not.toEqual(mode);
    drain(built.state.update(1));
    drain(usual.state.update(1));
    expect(built.array(1)).toEqual(usual.array(1));
  });

  it('(c) rank 0 equals ste bit for bit over several updates', async () => {
    const a = await buildState(vispa({ rank: 0 }), { ...SHAPE, optimizer: adamw() });
    const b = await buildState(ste(), { ...SHAPE, optimizer: adamw() });
    const sources = [random(), random()];
    for (let step = 0; step < 5; step++) {
      [a, b].forEach((built, i) => {
        built.state.sample({ kind: 'train', step, progress: 0 });
        gradient(built, sources[i]);
      });
      expect(packed(a)).toEqual(packed(b));
      for (const built of [a, b]) drain(built.state.update(0.05));
      expect(a.array(0)).toEqual(b.array(0));
    }
    expect(a.state.readCounts()).toEqual(b.state.readCounts());
  });

  it('(c) Z = 0, frozen, equals ste bit for bit; unfrozen it moves by eps g', async () => {
    const a = await buildState(vispa({ rank: 3 }), { ...SHAPE, optimizer: adamw() });
    const b = await buildState(ste(), { ...SHAPE, optimizer: adamw() });
    const sources = [random(), random()];
    a.array(1).fill(0);
    for (let step = 0; step < 5; step++) {
      [a, b].forEach((built, i) => {
        built.state.sample({ kind: 'train', step, progress: 0 });
        gradient(built, sources[i]);
      });
      expect(packed(a)).toEqual(packed(b));
      for (const built of [a, b]) drain(built.state.update(0.05));
      expect(a.array(0)).toEqual(b.array(0));
      expect(a.array(1).some((value) => value !== 0)).toBe(true);
      a.array(1).fill(0);
    }
  });

  it('(d) the same seed and draw give the same sample; other seeds, draws and purposes give others', async () => {
    const built = await buildState(vispa({ noiseScale: 1 }), SHAPE);
    const other = await buildState(vispa({ noiseScale: 1 }), { ...SHAPE, seed: 2 });
    const draw = (state: StateOnTest, kind: 'train' | 'sample', n: number): number[] => {
      state.state.sample(kind === 'train' ? { kind, step: n, progress: 0 } : { kind, index: n });
      return packed(state);
    };
    const first = draw(built, 'train', 3);
    expect(draw(built, 'train', 4)).not.toEqual(first);
    expect(draw(built, 'sample', 3)).not.toEqual(first);
    expect(draw(other, 'train', 3)).not.toEqual(first);
    expect(draw(built, 'train', 3)).toEqual(first);
    expect(draw(await buildState(vispa({ noiseScale: 1 }), SHAPE), 'train', 3)).toEqual(first);
  });

  it('(e) the mean of L samples has a variance of 1 / L', async () => {
    const built = await f3();
    const [members, repeats] = [16, 4000];
    const c = [1, -2, 0.5];
    let [single, mean, squares, meanSquares] = [0, 0, 0, 0];
    for (let i = 0; i < repeats; i++) {
      let average = 0;
      for (let j = 0; j < members; j++) {
        built.state.sample({ kind: 'sample', index: i * members + j });
        const logit = signs(built).reduce((sum, s, k) => sum + s * c[k], 0);
        single += logit / (members * repeats);
        squares += (logit * logit) / (members * repeats);
        average += logit / members;
      }
      mean += average / repeats;
      meanSquares += (average * average) / repeats;
    }
    const ratio = (meanSquares - mean * mean) / (squares - single * single);
    expect(Math.abs(ratio * members - 1)).toBeLessThan(5 * Math.sqrt(2 / repeats));
  });

  it('counts of flips and of differing signs', async () => {
    const built = await f3();
    built.state.sample({ kind: 'mode' });
    built.state.readCounts();
    setGradient(built, [4, -4, 4]); // M becomes -1, 3.5, -3.9: all three signs change
    drain(built.state.update(1));
    built.state.sample({ kind: 'mode' });
    expect(built.state.readCounts()).toEqual({ flips: 3, updates: 1, differing: 0, draws: 0 });
    const mode = signs(built);
    let differing = 0;
    for (let step = 0; step < 10; step++) {
      built.state.sample({ kind: 'sample', index: step }); // for evaluation: does not count
      built.state.sample({ kind: 'train', step, progress: 0 });
      differing += signs(built).filter((s, i) => s !== mode[i]).length;
    }
    expect(built.state.readCounts()).toEqual({ flips: 0, updates: 0, differing, draws: 10 });
  });
});

function view({ runtime }: StateOnTest, { type, pointer, elements }: NamedBuffer): Float32Array | Int16Array {
  return runtime.arena[type ?? 'f32'](pointer, elements);
}

/** Arrays and counters with adamw of methods that keep something else than latent weights with an optimizer. */
const OWN_NAMES: Record<string, string[]> = {
  ste: ['mean', 'mean.m', 'mean.v', 'mean.steps'],
  vispa: [
    ...['mean', 'factor', 'mean.m', 'mean.v', 'factor0.m', 'factor0.v', 'factor1.m', 'factor1.v'],
    ...['mean.steps', 'factor0.steps', 'factor1.steps'],
  ],
  bop: ['sign', 'm'],
  bayesbinn: ['lambda', 'steps'],
  adaste: ['theta', 'm', 'steps'],
  rbnn: ['latent', 'left', 'right', 'theta', 'latent.m', 'latent.v', 'latent.steps', 'rotations'],
  'ste-int16': ['latent', 'latent.v', 'latent.scale', 'latent.steps'],
};

const DEFAULTS: Record<string, unknown> = {
  ste: { clip: null },
  vispa: { rank: 2, noiseScale: 100, normalize: 'none', noiseAnneal: 0, noise: 'gaussian', factorGradient: 'published', draws: 'step' },
  'binary-connect': { clip: 1, stochastic: false },
  xnor: {},
  dorefa: {},
  bireal: {},
  irnet: { tMin: 0.1, tMax: 10 },
  recu: { tauMin: 0.85, tauMax: 0.99 },
  siman: {},
  bop: { threshold: 1e-8 },
  bayesbinn: { temperature: 1e-10, dataScale: 10, momentum: 0, kl: 1, lambda: 10 },
  'ste-int16': {},
  pmf: { betaMin: 1, betaMax: 10000, jacobian: 'published' },
  'md-tanh': { betaMin: 1, betaMax: 10000 },
  proxquant: { pull: 1, freeze: 2 / 3 },
  rbnn: { tMin: 0.01, tMax: 10 },
  adaste: { alpha: 0.01, betaMin: 0.01, anneal: 0.27, dataScale: 1, momentum: 0.9, theta: 10 },
};

describe.each(methodNames().filter((name) => createMethod(name).model === undefined))('checkpoints of %s', (method) => {
  const shape = { cout: 37, cin: 5, kernel: 3 };

  it.each(optimizerNames())('%s: 3 steps, restored into a new state, 4 steps: the bits and counts of 7', async (optimizer) => {
    const build = (): Promise<StateOnTest> =>
      buildState(createMethod(method, { clip: 0.3, stochastic: true, momentum: 0.9, theta: 0.01 }), {
        ...shape,
        optimizer: createOptimizer(optimizer),
      });
    const steps = (built: StateOnTest, from: number, to: number): void => {
      const { runtime, parameter, state } = built;
      for (let step = from; step < to; step++) {
        state.sample({ kind: 'train', step, progress: 0 });
        const g = new TestRandom(step).array(37 * 45, (r) => r.f32(-0.1, 0.1));
        runtime.arena.f32(parameter.gradient, parameter.elements).set(toLatent(g, 37, 9, 5));
        drain(state.update(0.2));
      }
    };
    const read = (built: StateOnTest): [string, number[]][] => {
      const { buffers, counters } = built.state.checkpoint();
      return [
        ...buffers.map((buffer): [string, number[]] => [buffer.name, [...view(built, buffer)]]),
        ...counters.map(({ name, get }): [string, number[]] => [name, [get()]]),
      ];
    };
    const whole = await build();
    steps(whole, 0, 3);
    const kept = new Map(read(whole));
    expect(kept.size).toBe(read(whole).length); // unique names
    steps(whole, 3, 7);

    const restored = await build();
    steps(restored, 50, 52); // whatever it did before
    const { buffers, counters } = restored.state.checkpoint();
    for (const buffer of buffers) view(restored, buffer).set(kept.get(buffer.name) as number[]);
    for (const { name, set } of counters) set((kept.get(name) as number[])[0]);
    restored.state.invalidate();
    steps(restored, 3, 7);
    expect(read(restored)).toEqual(read(whole));
    const counts = whole.state.readCounts();
    expect(counts.updates).toBe(7);
    expect(counts.flips).toBeGreaterThan(0);
    expect(restored.state.readCounts()).toEqual(counts);
  });

  it('names say which array they are', async () => {
    const { state } = await buildState(createMethod(method), { ...shape, optimizer: adamw() });
    const { buffers, counters } = state.checkpoint();
    const names = [...buffers, ...counters].map(({ name }) => name.replace('1.binaryConv2d.weight.', ''));
    const own = OWN_NAMES[method] ?? ['latent', 'latent.m', 'latent.v', 'latent.steps'];
    expect(names).toEqual([...own, 'flips', 'updates', 'differing', 'draws']);
  });

  it('options are JSON', () => {
    const { options } = createMethod(method);
    expect(JSON.parse(JSON.stringify(options))).toEqual(options);
    expect(options).toEqual(DEFAULTS[method]);
  });
});

it('ste with clip keeps the latent weights within it', async () => {
  const built = await buildState(ste({ clip: 1 }), { cout: 3, cin: 1 });
  built.array(0).set([0.9, -0.9, 0.1]);
  built.state.sample({ kind: 'train', step: 0, progress: 0 });
  setGradient(built, [-1, 1, 0.5]);
  drain(built.state.update(1));
  expect(difference(built.array(0).subarray(0, 3), [1, -1, -0.4], 1e-7)).toBeUndefined();
});

it('spare lanes start at 0 and stay +1', async () => {
  const built = await buildState(vispa({ rank: 2, noiseScale: 1 }), { cout: 5, cin: 3 });
  for (const values of [built.array(0), built.array(1)]) expect(values.every((value, i) => (value !== 0) === i % 32 < 5)).toBe(true);
  built.state.sample({ kind: 'sample', index: 0 });
  const wordsT = built.runtime.arena.u32(built.parameter.wordsT, built.parameter.wordTBytes / 4);
  expect(wordsT.every((word, i) => (i % 2 === 0 ? word < 32 : word === 0))).toBe(true);
});
