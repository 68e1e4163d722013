import { describe, expect, it } from 'vitest';
import { adamw } from '../../src/train/optimizers/adamw.js';
import type { Optimizer, OptimizerState } from '../../src/train/optimizers/optimizer.js';
import { createOptimizer, optimizerNames } from '../../src/train/optimizers/registry.js';
import { sgd } from '../../src/train/optimizers/sgd.js';
import { difference, put } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';

const N = 4100;
const STEPS = 7;

/** One element in float64: state in, state out. */
type Rule = (w: number, g: number, state: [number, number], t: number, rate: number) => [w: number, state: [number, number]];

const adamRule =
  (beta1: number, beta2: number, epsilon: number, decay: number): Rule =>
  (w, g, [m0, v0], t, rate) => {
    const m = beta1 * m0 + (1 - beta1) * g;
    const v = beta2 * v0 + (1 - beta2) * g * g;
    const mHat = m / (1 - beta1 ** t);
    const vHat = v / (1 - beta2 ** t);
    return [w * (1 - rate * decay) - (rate * mHat) / (Math.sqrt(vHat) + epsilon), [m, v]];
  };

const sgdRule =
  (momentum: number, decay: number, nesterov: boolean): Rule =>
  (w, gradient, [v0], _t, rate) => {
    const g = gradient + decay * w;
    const v = momentum * v0 + g;
    return [w - rate * (nesterov ? g + momentum * v : v), [v, 0]];
  };

const RULES: [name: string, optimizer: Optimizer, rule: Rule][] = [
  ['adamw', adamw(), adamRule(0.9, 0.999, 1e-8, 0)],
  ['adamw with decay', adamw({ beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.5 }), adamRule(0.8, 0.99, 1e-3, 0.5)],
  ['adamw without memory', adamw({ beta1: 0, beta2: 0 }), adamRule(0, 0, 1e-8, 0)],
  ['sgd', sgd(), sgdRule(0.9, 0, false)],
  ['sgd with decay', sgd({ momentum: 0.5, weightDecay: 0.1 }), sgdRule(0.5, 0.1, false)],
  ['sgd with Nesterov momentum', sgd({ momentum: 0.9, weightDecay: 0.1, nesterov: true }), sgdRule(0.9, 0.1, true)],
  ['plain sgd', sgd({ momentum: 0 }), sgdRule(0, 0, false)],
];

it.each(RULES)('%s equals the formula over several steps', async (_, optimizer, rule) => {
  const runtime = await createRuntime();
  const random = new TestRandom(1);
  let w = random.array(N, (r) => r.f32(-1, 1));
  const states = Array.from({ length: N }, (): [number, number] => [0, 0]);
  const data = put(runtime, Float32Array.from(w));
  const gradient = put(runtime, new Float32Array(N));
  const state = optimizer.init(runtime, { name: 'w', data, elements: N });
  for (let t = 1; t <= STEPS; t++) {
    const [scale, rate] = [[1, -0.5, 2][t % 3], 0.01 * t];
    const g = random.array(N, (r) => r.f32(-1, 1));
    runtime.arena.f32(gradient, N).set(g);
    state.update(gradient, scale, rate);
    w = w.map((value, i) => {
      const [next, kept] = rule(value, scale * g[i], states[i], t, rate);
      states[i] = kept;
      return next;
    });
  }
  // f32 states and about ten roundings per step of values below 2; Adam divides by sqrt(v), which doubles relative errors.
  expect(difference(runtime.arena.f32(data, N), w, STEPS * 10 * 2 ** -23)).toBeUndefined();
});

describe.each(optimizerNames())('%s', (name) => {
  const filters = { cout: 37, rows: 33 };
  const elements = 64 * filters.rows;
  const gradients = Array.from({ length: 7 }, (_, t) => Float32Array.from(new TestRandom(t).array(elements, (r) => r.f32(-1, 1))));

  it('3 updates, a new state with the same arrays and steps, 4 updates: the bits of 7', async () => {
    const run = async (restart: boolean): Promise<Float32Array[]> => {
      const runtime = await createRuntime();
      const data = put(runtime, gradients[0]);
      const gradient = put(runtime, gradients[0]);
      const optimizer = createOptimizer(name, { weightDecay: 0.01 });
      const begin = (): OptimizerState => optimizer.init(runtime, { name: 'w', data, elements, filters });
      let state = begin();
      const bytes = runtime.arena.allocations
        .filter(({ use }) => use === 'optimizer')
        .reduce((sum, allocation) => sum + allocation.bytes, 0);
      expect(state.buffers().reduce((sum, buffer) => sum + buffer.elements * 4, 0)).toBe(bytes); // no array is left out
      expect(new Set(state.buffers().map((buffer) => buffer.name)).size).toBe(state.buffers().length);
      gradients.forEach((g, t) => {
        if (t === 3 && restart) {
          const kept = state.buffers().map((buffer) => runtime.arena.f32(buffer.pointer, buffer.elements).slice());
          const next = begin();
          next.buffers().forEach((buffer, i) => {
            runtime.arena.f32(buffer.pointer, buffer.elements).set(kept[i]);
          });
          next.steps = state.steps;
          state = next;
        }
        runtime.arena.f32(gradient, elements).set(g);
        state.update(gradient, 0.5, 0.01);
      });
      expect(state.steps).toBe(7);
      return [data, ...state.buffers().map(({ pointer }) => pointer)].map((pointer) => runtime.arena.f32(pointer, elements).slice());
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('lists its options as JSON has them', () => {
    const { options } = createOptimizer(name, { weightDecay: 0.25 });
    expect(options.weightDecay).toBe(0.25);
    expect(JSON.parse(JSON.stringify(options))).toEqual(options);
  });
});

describe('clip_f32', () => {
  it('clamps to the limit, and only what is beyond', async () => {
    const runtime = await createRuntime();
    const w = new TestRandom(2).array(N, (r) => r.f32(-1.5, 1.5));
    w.set([1, -1, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const data = put(runtime, Float32Array.from(w));
    runtime.run('clip_f32', 2, data, N, 1);
    expect(
      difference(
        runtime.arena.f32(data, N),
        w.map((value) => Math.max(-1, Math.min(1, value))),
      ),
    ).toBeUndefined();
  });
});
