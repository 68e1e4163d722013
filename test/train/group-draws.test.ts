// One draw per group of 64 images: the bits of one draw per step where the draws are equal, and gradients that belong to their group where they are not.
import { describe, expect, it, test } from 'vitest';
import { purposeId } from '../../src/core/random.js';
import type { GradientClipping } from '../../src/train/clip-norm.js';
import { GaussianState } from '../../src/train/methods/gaussian.js';
import { GroupDraws } from '../../src/train/methods/group-draws.js';
import { lowRankNoise, type Noise } from '../../src/train/methods/low-rank-noise.js';
import { Pace } from '../../src/train/pace.js';
import { TrainingSession } from '../../src/train/session.js';
import {
  adamw,
  batchNorm,
  binaryConv2d,
  binaryLinear,
  clipNorm,
  conv2d,
  createOptimizer,
  fit,
  flatten,
  type GradientType,
  gradientLog,
  gradientTypes,
  groupDraws,
  linear,
  maxPool2d,
  mlp,
  prelu,
  realActivations,
  type Sequential,
  sequential,
  sgd,
  type TrainingMethod,
  type TrainOptions,
  train,
  vispa,
} from '../../src/train.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain } from '../helpers/state.js';
import { fewDigits } from '../helpers/tiny.js';

const data = fewDigits();

/** Binary layers in front of a pool and without, with stride, and fully connected; odd channel counts. */
function net({ classes }: { classes: number }): Sequential {
  return sequential([
    conv2d(12, { kernelSize: 3, padding: 1, stride: 2, bias: false }),
    ...[batchNorm(), prelu()],
    ...[binaryConv2d(37, { kernelSize: 3, padding: 1 }), maxPool2d(2), batchNorm(), prelu()],
    ...[binaryConv2d(70, { kernelSize: 3, padding: 1, stride: 2 }), batchNorm(), prelu()],
    flatten(),
    ...[binaryLinear(33), batchNorm(), prelu()],
    linear(classes),
  ]);
}

const RANK = 2;
const noise = lowRankNoise({ rank: RANK, scale: 1, kind: 'gaussian', anneal: 0, gradient: 'published' });
/** Every group draws what the first does. */
const equalNoise: Noise = (draw, pointer, parameter, context) =>
  noise(draw, pointer, { ...parameter, name: parameter.name.replace(/\/group \d+$/, '') }, context);

/** `vispa({ draws: groupDraws() })` with such noise. */
function grouped(random: Noise): TrainingMethod {
  return {
    ...vispa({ rank: RANK, noiseScale: 1, draws: groupDraws() }),
    init: (parameter, context) =>
      new GaussianState(parameter, context, {
        rank: RANK,
        noise: random,
        groups: new GroupDraws(parameter, context, random, RANK),
        normalize: 0,
        clip: Number.POSITIVE_INFINITY,
      }),
  };
}

const base: TrainOptions = { model: net, data, epochs: 1, limitBatches: 3, batchSize: 192, validation: 0, samples: 2, seed: 3 };
const step = vispa({ rank: RANK, noiseScale: 1 });

describe('equal draws of all groups', () => {
  it.each([...gradientTypes().map((gradients): [GradientType, string] => [gradients, 'sgd']), ['int16', 'muon'] as const])(
    'are one draw per step, bit for bit: %s gradients, %s',
    async (gradients, optimizer) => {
      const options = { ...base, gradients, optimizer: createOptimizer(optimizer), learningRate: 0.02 };
      const one = await fit({ ...options, method: step });
      const many = await fit({ ...options, method: grouped(equalNoise) });
      expect(many.model).toEqual(one.model);
      expect(many.history.map(({ loss }) => loss)).toEqual(one.history.map(({ loss }) => loss));
      expect(many.result.ensembleAccuracy).toBe(one.result.ensembleAccuracy);
      const differing = (run: typeof one): unknown => run.history[0].layers.map(({ sampleFlips }) => sampleFlips);
      expect(differing(many)).toEqual(differing(one));
      const own = await fit({ ...options, method: grouped(noise) });
      expect(own.model).not.toEqual(one.model);
    },
    60000,
  );

  test('a batch of one group has one draw', async () => {
    const options = { ...base, batchSize: 64 };
    const one = await fit({ ...options, method: step });
    expect((await fit({ ...options, method: vispa({ rank: RANK, noiseScale: 1, draws: groupDraws() }) })).model).toEqual(one.model);
  });
});

test('the same bits on any split of the work items', async () => {
  const reversed = (items: number): [number, number][] => Array.from({ length: items }, (_, i) => [items - 1 - i, items - i]);
  const options = { ...base, method: vispa({ draws: groupDraws(), noiseScale: 1 }) };
  expect((await fit({ ...options, runtime: { split: reversed } })).model).toEqual((await fit(options)).model);
});

async function session(gradients: GradientType, clip?: GradientClipping): Promise<TrainingSession> {
  const { train } = data;
  const created = await TrainingSession.create({
    model: net({ classes: 10 }),
    input: { shape: train.shape, type: 'u8', table: new Float32Array(256).map((_, i) => i / 128 - 1) },
    classes: 10,
    batchSize: 128,
    gradients,
    seed: 1,
    clipNorm: clip,
    method: vispa({ rank: RANK, noiseScale: 1, draws: groupDraws() }),
    optimizer: sgd(),
    realOptimizer: adamw(),
  });
  train.read(
    Uint32Array.from({ length: 128 }, (_, i) => i),
    created.network.batchViews(),
  );
  return created;
}

describe.each(gradientTypes())('%s gradients', (gradients) => {
  test("a group's gradient is that of its images alone, and all of them add up", async () => {
    for (const count of [64, 128]) {
      const created = await session(gradients);
      const { arena } = created.runtime;
      await created.step(count, 0, 10, { latent: 0, real: 0 }, new Pace());
      for (const { gradient, elements, groups } of created.network.binaryParameters) {
        expect(groups).toHaveLength(1);
        const second = arena.f32(groups![0].gradient, elements);
        const sum = arena.f32(gradient, elements);
        const first = sum.map((value, i) => value - second[i]);
        // Images behind the count have no gradient.
        expect(second.some((value) => value !== 0)).toBe(count === 128);
        expect(first.some((value) => value !== 0)).toBe(true);
      }
    }
  });
});

test('clipping by norm scales the gradients of groups with those of the parameter', async () => {
  const gradients = async (clip?: GradientClipping): Promise<{ all: Float32Array; second: Float32Array }> => {
    const created = await session('int16', clip);
    await created.step(128, 0, 10, { latent: 0, real: 0 }, new Pace());
    const [{ gradient, elements, groups }] = created.network.binaryParameters;
    const { arena } = created.runtime;
    return { all: arena.f32(gradient, elements).slice(), second: arena.f32(groups![0].gradient, elements).slice() };
  };
  const [plain, clipped] = [await gradients(), await gradients(clipNorm(1e-3))];
  const largest = plain.all.reduce((best, value, i) => (Math.abs(value) > Math.abs(plain.all[best]) ? i : best), 0);
  const factor = clipped.all[largest] / plain.all[largest];
  expect(factor).toBeLessThan(0.5);
  for (const key of ['all', 'second'] as const) {
    const scaled = plain[key].map((value) => value * factor);
    expect(difference(clipped[key], scaled, 1e-6 * Math.abs(clipped.all[largest]))).toBeUndefined();
    expect(scaled.some((value) => value !== 0)).toBe(true);
  }
});

describe('the state', () => {
  const shape = { cout: 40, cin: 33, kernel: 3 };
  const name = '1.binaryConv2d.weight';

  async function build() {
    const built = await buildState(
      {
        ...step,
        init(parameter, context) {
          const { arena } = context.runtime;
          const { wordBytes, wordTBytes, elements } = parameter;
          parameter.groups = [1, 2].map(() => ({
            words: arena.allocate(wordBytes, 'parameters'),
            wordsT: arena.allocate(wordTBytes, 'parameters'),
            gradient: arena.allocate(elements * 4, 'gradients'),
          }));
          return grouped(noise).init(parameter, context);
        },
      },
      shape,
    );
    const words = (): string[] => {
      const { parameter, runtime } = built;
      return [parameter, ...parameter.groups!].map((group) =>
        [...runtime.arena.u8(group.words, parameter.wordBytes), ...runtime.arena.u8(group.wordsT, parameter.wordTBytes)].join(),
      );
    };
    return { ...built, words };
  }

  it('draws every group from a stream of its own; the mode and samples are the same for all', async () => {
    const built = await build();
    const plain = await buildState(step, shape);
    const draw = { kind: 'train', step: 5, progress: 0 } as const;
    for (const { state } of [built, plain]) state.sample(draw);
    const drawn = built.words();
    expect(new Set(drawn).size).toBe(3);
    const { runtime, parameter } = plain;
    const single = [...runtime.arena.u8(parameter.words, parameter.wordBytes), ...runtime.arena.u8(parameter.wordsT, parameter.wordTBytes)];
    expect(drawn[0]).toBe(single.join());
    const counts = [built, plain].map(({ state }) => state.readCounts());
    expect([counts[0].draws, counts[1].draws]).toEqual([3, 1]);
    expect(counts[0].differing).toBeGreaterThan(counts[1].differing);
    for (const other of [{ kind: 'mode' }, { kind: 'sample', index: 2 }, { kind: 'point', index: 3 }] as const) {
      built.state.sample(other);
      expect(new Set(built.words()).size).toBe(1);
      expect(drawn).not.toContain(built.words()[0]);
    }
    built.state.sample(draw);
    expect(built.words()).toEqual(drawn);
  });

  it('dZ_k is the sum of every group’s noise times its gradient', async () => {
    const built = await build();
    const { runtime, parameter, state } = built;
    const { elements } = parameter;
    state.sample({ kind: 'train', step: 7, progress: 0 });
    const random = new TestRandom(4);
    const used = (i: number): boolean => i < elements / 2 || i % 32 < 8; // 40 filters: spare lanes of the second tile are 0
    const dw = [0, 1, 2].map(() => Float32Array.from({ length: elements }, (_, i) => (used(i) ? random.f32(-1, 1) : 0)));
    runtime.arena.f32(parameter.gradient, elements).set(dw[0].map((value, i) => value + dw[1][i] + dw[2][i]));
    parameter.groups!.forEach(({ gradient }, g) => {
      runtime.arena.f32(gradient, elements).set(dw[g + 1]);
    });
    const eps = ['', '/group 1', '/group 2'].map((group) => {
      const pointer = runtime.arena.allocate(16, 'workspace');
      runtime.normal(pointer, RANK, 1, { seed: 1, purpose: purposeId(`noise/train/${name}${group}`), step: 7 });
      return [...runtime.arena.f32(pointer, RANK)];
    });
    const [mean, factor] = [built.array(0).slice(), built.array(1).slice()];
    drain(state.update(1)); // plain sgd
    const sum = (weights: number[], i: number): number => weights.reduce((total, weight, g) => total + weight * dw[g][i], 0);
    expect(
      difference(
        built.array(0),
        mean.map((value, i) => value - sum([1, 1, 1], i)),
        1e-5,
      ),
    ).toBeUndefined();
    expect(
      difference(
        built.array(1),
        factor.map((value, at) => {
          const k = Math.floor(at / elements);
          return (
            value -
            sum(
              eps.map((row) => row[k]),
              at % elements,
            )
          );
        }),
        1e-5,
      ),
    ).toBeUndefined();
  });
});

test('what has one set of weights for all images is refused', async () => {
  const start = async (options: Partial<TrainOptions>): Promise<void> => {
    for await (const _ of train({ ...base, method: vispa({ draws: groupDraws() }), ...options }));
  };
  const model: TrainOptions['model'] = ({ classes }) => mlp({ classes, hidden: [16, 16], activations: realActivations() });
  await expect(start({ model })).rejects.toThrow(/^vispa.draws: got "group", expected 'step': .*binaryLinear has one set of weights/);
  await expect(start({ logGradients: gradientLog() })).rejects.toThrow(/^logGradients: got .* expected one draw per step \(draws 'step'\)/);
  expect(() => vispa({ draws: 'group' as 'step' })).toThrow(/^vispa.draws: got "group", expected 'step' or groupDraws\(\)/);
});
