// Methods whose weights are real in training: the weights of the forward pass, one step and the mode against their float64 definitions.
import { describe, expect, it } from 'vitest';
import type { TrainingMethod } from '../../src/train.js';
import { mdTanh, pmf, train } from '../../src/train.js';
import { backwardWords, forwardWords, fromLatent, toLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
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

  it('counts flips of signs, and draws the same weights again after an evaluation', async () => {
    const built = await buildState(method, SHAPE);
    const draw = { kind: 'train', step: 1, progress: 0.5 } as const;
    built.state.sample(draw);
    const first = reals(built);
    built.state.sample({ kind: 'mode' });
    built.state.sample(draw);
    expect(reals(built)).toEqual(first);
    built.state.readCounts();
    const before = latents(built);
    put(
      built,
      before.map((x, i) => (i % 3 === 0 ? -x : x)),
    );
    built.state.sample({ kind: 'mode' });
    expect(built.state.readCounts().draws).toBe(0);
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
  it('refuses rounded gradients', () => {
    expect(() => train({ model: tinyNet, data: fewDigits(), method: pmf(), gradients: 'int8' })).toThrow(
      /^gradients: got "int8", expected 'f32': the weights of pmf are real numbers in training/,
    );
  });
});

it.each([
  [() => mdTanh({ betaMin: 0 }), /mdTanh\.betaMin: got 0/],
  [() => mdTanh({ betaMin: 2, betaMax: 1 }), /mdTanh\.betaMax: got 1, expected a finite number from 2/],
  [() => pmf({ betaMin: -1 }), /pmf\.betaMin: got -1/],
  [() => pmf({ jacobian: 'no' as 'exact' }), /pmf\.jacobian: got "no"/],
])('options out of range are refused: %s', (create, message) => {
  expect(create).toThrow(message);
});
