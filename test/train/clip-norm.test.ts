// Clipping by norm: against float64 sums over plain arrays, in the kernels and in a whole training step.
import { describe, expect, it } from 'vitest';
import type { Runtime } from '../../src/core/runtime.js';
import type { Network } from '../../src/nn/network.js';
import type { Pace } from '../../src/train/pace.js';
import { TrainingSession } from '../../src/train/session.js';
import { checkpointStore, clipNorm, fit, float, sgd, ste, type TrainOptions, train, vispa } from '../../src/train.js';
import { difference, put } from '../helpers/memory.js';
import { MemoryStore } from '../helpers/memory-store.js';
import { TestRandom } from '../helpers/random.js';
import { createRuntime } from '../helpers/runtime.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const norm = (arrays: ArrayLike<number>[]): number =>
  Math.sqrt(arrays.reduce((sum, array) => Array.from(array).reduce((part, x) => part + x * x, sum), 0));

/** Sizes around a work item of 4,096, and one that is no multiple of 4. */
const SIZES = [3, 4096, 8191, 4100];

function gradients(runtime: Runtime, size: number): { network: Network; arrays: () => number[][] } {
  const random = new TestRandom(7);
  const parameters = SIZES.map((n) => {
    const padded = new Float32Array(Math.ceil(n / 4) * 4);
    padded.set(random.array(n, (r) => Math.fround(size * r.f32(-1, 1))));
    return { gradient: put(runtime, padded), size: n, elements: padded.length };
  });
  const network = { realParameters: parameters.slice(0, 3), binaryParameters: parameters.slice(3) } as unknown as Network;
  return { network, arrays: () => parameters.map(({ gradient, elements }) => [...runtime.arena.f32(gradient, elements)]) };
}

describe('the gradients of a group', () => {
  it.each([1e-3, 1, 1e15])('have the norm afterwards if it was more, of numbers up to %s', async (size) => {
    const runtime = await createRuntime();
    const { network, arrays } = gradients(runtime, size);
    const before = arrays();
    const real = norm(before.slice(0, 3));
    const binary = norm(before.slice(3));
    expect(binary).toBeLessThan(real);
    const limit = (real + binary) / 2; // between the two: one group is clipped, the other is not
    clipNorm(limit).create(runtime, network)();
    const after = arrays();
    expect(after[3]).toEqual(before[3]);
    for (const i of [0, 1, 2]) {
      const expected = before[i].map((g) => (g * limit) / real);
      expect(difference(after[i], expected, size * 2e-7)).toBeUndefined();
    }
    expect(norm(after.slice(0, 3)) / limit).toBeCloseTo(1, 6);
  });

  it('are the same bits however work is split', async () => {
    const results = [];
    for (const split of [
      undefined,
      (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]),
    ]) {
      const runtime = await createRuntime({ split });
      const { network, arrays } = gradients(runtime, 1);
      clipNorm(0.37).create(runtime, network)();
      results.push(arrays());
    }
    expect(results[1]).toEqual(results[0]);
  });
});

const data = fewDigits();
const base: TrainOptions = { model: tinyNet, data, epochs: 1, batchSize: 128, limitBatches: 3, seed: 3, method: ste() };

describe('a training step', () => {
  it.each([0.01, 1e6])('of plain sgd moves real and binary parameters by the norm %s times the rate at most', async (limit) => {
    const { shape, classes } = data.train;
    const session = await TrainingSession.create({
      model: tinyNet({ classes }),
      input: { shape, type: 'u8', table: new Float32Array(256).map((_, p) => p / 255) },
      classes,
      batchSize: 128,
      gradients: 'int16',
      clipNorm: clipNorm(limit),
      seed: 1,
      method: ste(),
      optimizer: sgd({ momentum: 0 }),
      realOptimizer: sgd({ momentum: 0 }),
    });
    const { network } = session;
    data.train.read(
      Uint32Array.from({ length: 128 }, (_, i) => i),
      network.batchViews(),
    );
    const real = network.realParameters.map(({ name, data, size }) => ({ name, pointer: data, elements: size }));
    const latents = session.states.flatMap((state) => state.state());
    const [w, m] = [session.copy(real), session.copy(latents)];
    const rates = { real: 2 ** -3, latent: 2 ** -5 };
    const pace = {
      pause: async () => {},
      run: async <T>(work: Generator<void, T, void>): Promise<T> => {
        for (;;) {
          const { done, value } = work.next();
          if (done) return value;
        }
      },
    } as unknown as Pace;
    await session.step(128, 0, 1, rates, pace);
    const moved = (before: ArrayLike<number>[], after: ArrayLike<number>[]): number =>
      norm(before.flatMap((array, i) => [Array.from(array, (x, k) => after[i][k] - x)]));
    const [dw, dm] = [moved(w, session.copy(real)) / rates.real, moved(m, session.copy(latents)) / rates.latent];
    for (const size of [dw, dm]) {
      if (limit === 0.01) expect(size / limit).toBeCloseTo(1, 2);
      else expect(size).toBeGreaterThan(0.01);
    }
  });

  it('without effect where norms are below, gives the file of a run without it; a small norm another one', async () => {
    const [without, far, near] = await Promise.all(
      [undefined, clipNorm(1e6), clipNorm(0.01)].map((clip) => fit({ ...base, clipNorm: clip })),
    );
    expect(far.model).toEqual(without.model);
    expect(near.model).not.toEqual(without.model);
  });

  it('gives the same file on 1 and 3 threads, and after a stop', async () => {
    const options = { ...base, method: vispa(), clipNorm: clipNorm(0.02), epochs: 2 };
    const one = await fit({ ...options, threads: 1 });
    expect((await fit({ ...options, threads: 3 })).model).toEqual(one.model);
    const checkpoint = checkpointStore(new MemoryStore());
    for await (const event of train({ ...options, checkpoint })) if (event.type === 'epoch') break;
    await expect(fit({ ...options, checkpoint, resume: true, clipNorm: clipNorm(0.03) })).rejects.toThrow(/its run has clipNorm .*0\.02/);
    expect((await fit({ ...options, checkpoint, resume: true })).model).toEqual(one.model);
  });

  it('clips networks without binary weights, too', async () => {
    const [near, without] = await Promise.all([clipNorm(0.01), undefined].map((clip) => fit({ ...base, method: float(), clipNorm: clip })));
    expect(near.model).not.toEqual(without.model);
  });
});

it('refuses what is no norm', () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => clipNorm(bad)).toThrow(`clipNorm: got ${bad}, expected a positive finite number`);
  expect(() => train({ ...base, clipNorm: 1 as never })).toThrow(/clipNorm: got 1, expected clipNorm\(norm\)/);
});
