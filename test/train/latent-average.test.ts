// Averaged latents: against float64 averages, beside states that hold the averages as their latents, and beside training without them.
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/format/safetensors.js';
import {
  binaryConnect,
  checkpointStore,
  createMethod,
  type EpochEvent,
  fit,
  latentAverage,
  methodNames,
  muon,
  sgd,
  ste,
  type TrainingMethod,
  type TrainOptions,
  train,
  vispa,
} from '../../src/train.js';
import { fromLatent } from '../helpers/layout.js';
import { difference } from '../helpers/memory.js';
import { MemoryStore } from '../helpers/memory-store.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, packed, type StateOnTest } from '../helpers/state.js';
import { fewDigits, tinyNet } from '../helpers/tiny.js';

const SHAPE = { cout: 37, cin: 70, kernel: 3 };
const TAPS = 9;
const plain = sgd({ momentum: 0 });

/** Fills the gradient with seeded numbers; returns them in plain order. */
function setGradient({ runtime, parameter }: StateOnTest, step: number): Float64Array {
  const random = new TestRandom(100 + step);
  const view = runtime.arena.f32(parameter.gradient, parameter.elements);
  for (let i = 0; i < view.length; i++) view[i] = i % 32 < 5 || i < view.length / 2 ? random.f32(-1, 1) : 0; // spare lanes stay 0
  return fromLatent(view, SHAPE.cout, TAPS, SHAPE.cin);
}

const plainOrder = (values: Float32Array): Float64Array => fromLatent(values, SHAPE.cout, TAPS, SHAPE.cin);

it.each([0, 0.3, 0.999])('is the float64 average of the latents, decay %s', async (decay) => {
  const rate = 0.05;
  const built = await buildState(latentAverage(ste(), decay), { ...SHAPE, optimizer: plain });
  const m = plainOrder(built.array(0));
  const average = m.slice();
  for (let t = 1; t <= 8; t++) {
    built.state.sample({ kind: 'train', step: t - 1, progress: 0 });
    const g = setGradient(built, t);
    drain(built.state.update(rate));
    const d = Math.min(decay, (1 + t) / (10 + t));
    m.forEach((value, i) => {
      m[i] = value - rate * g[i];
      average[i] += (1 - d) * (m[i] - average[i]);
    });
  }
  expect(difference(plainOrder(built.array(0)), m, 1e-6)).toBeUndefined();
  expect(difference(plainOrder(built.array(1)), average, 1e-6)).toBeUndefined();
  if (decay > 0) expect(difference(m, average, 1e-3)).toBeDefined();
});

const REFUSED = ['bop', 'bayesbinn', 'adaste', 'float', 'ste-int16'];
const METHODS = [
  ...methodNames()
    .filter((name) => !REFUSED.includes(name))
    .map((name) => createMethod(name)),
  binaryConnect({ stochastic: true }),
];

describe.each(METHODS.map((method): [string, TrainingMethod] => [method.name, method]))('%s', (_, method) => {
  it('evaluates the averages as if they were its latents, and trains on as if nothing was evaluated', async () => {
    const averaged = await buildState(latentAverage(method, 0.9), SHAPE);
    const alone = await buildState(method, SHAPE);
    for (let step = 0; step < 4; step++) {
      for (const built of [averaged, alone]) {
        built.state.sample({ kind: 'train', step, progress: step / 8 });
        setGradient(built, step);
        drain(built.state.update(0.05, { kind: 'train', step: step + 1, progress: (step + 1) / 8 }));
      }
      if (step === 1) {
        averaged.state.sample({ kind: 'mode' });
        averaged.state.sample({ kind: 'sample', index: 0 });
      }
    }
    const last = averaged.state.state().length - 1;
    alone.state.state().forEach((_, i) => {
      expect(averaged.array(i)).toEqual(alone.array(i));
    });
    const scale = ({ runtime, parameter }: StateOnTest): number[] =>
      method.scaled ? [...runtime.arena.f32(parameter.scale, parameter.shape.cout)] : [];
    const kinds = [{ kind: 'mode' as const }, ...(method.stochastic ? [{ kind: 'sample' as const, index: 3 }] : [])];
    const seen = kinds.map((draw) => {
      averaged.state.sample(draw);
      return [packed(averaged), scale(averaged)];
    });
    alone.state.sample({ kind: 'mode' });
    expect(averaged.array(last)).not.toEqual(alone.array(0));
    if (method.name !== 'proxquant') expect(packed(alone)).not.toEqual(seen[0][0]); // its steps lead away from 0, so both have the same signs
    alone.array(0).set(averaged.array(last));
    alone.state.invalidate();
    const expected = kinds.map((draw) => {
      alone.state.sample(draw);
      return [packed(alone), scale(alone)];
    });
    expect(seen).toEqual(expected);
  });
});

const data = fewDigits();
const base: TrainOptions = { model: tinyNet, data, epochs: 3, batchSize: 64, samples: 2, seed: 3, method: vispa(), optimizer: muon() };
const FILE = 'checkpoint.safetensors';

async function trained(options: TrainOptions): Promise<{ model: Uint8Array; tensors: Map<string, number[]>; history: EpochEvent[] }> {
  const store = new MemoryStore();
  const { model, history } = await fit({ ...options, checkpoint: checkpointStore(store) });
  const { tensors } = readSafetensors(store.files.get(FILE)!);
  return { model, history, tensors: new Map([...tensors].map(([name, { data }]) => [name, Array.from(data as Float32Array)])) };
}

describe('a run', () => {
  it('trains the latents that it trains without, counts the same flips, and exports the signs of the averages', async () => {
    const options = { ...base, validation: 0 };
    const [plain, averaged] = [await trained(options), await trained({ ...options, method: latentAverage(vispa(), 0.95) })];
    for (const [name, values] of plain.tensors) if (!name.startsWith('kept')) expect(averaged.tensors.get(name), name).toEqual(values);
    expect(averaged.history.map(({ layers }) => layers)).toEqual(plain.history.map(({ layers }) => layers));
    expect(averaged.model).not.toEqual(plain.model);
    // One binary layer, 12 -> 37 with 3x3: a max pool behind it lets the export turn whole filters around.
    const [shape] = [...readSafetensors(averaged.model).tensors.values()].filter(
      ({ dtype, shape }) => dtype === 'U8' && shape.length === 4,
    );
    const name = [...averaged.tensors.keys()].find((key) => key.startsWith('state.') && key.endsWith('.average'))!;
    const values = fromLatent(averaged.tensors.get(name)!, 37, 9, 12);
    const now = fromLatent(averaged.tensors.get(name.replace('.average', ''))!, 37, 9, 12);
    expect(shape.shape).toEqual([37, 3, 3, 2]);
    let different = 0;
    for (let c = 0; c < 37; c++) {
      const bits = Array.from(
        { length: 108 },
        (_, k) => ((shape.data as Uint8Array)[(c * 9 + Math.floor(k / 12)) * 2 + ((k % 12) >> 3)] >> ((k % 12) & 7)) & 1,
      );
      const signs = (from: Float64Array): number[] => bits.map((_, k) => (from[c * 108 + k] < 0 ? 1 : 0));
      const turned = bits.map((bit) => 1 - bit);
      expect([bits, turned], `filter ${c}`).toContainEqual(signs(values));
      if (signs(now).join() !== signs(values).join()) different++;
    }
    expect(different).toBeGreaterThan(0);
  });

  it.each([
    ['the mode', {}],
    ['an ensemble', { exportDraw: 'ensemble' as const, evaluateEvery: 2 }],
  ])('gives the same bytes after a stop and on 3 threads, %s', async (_, more) => {
    const options: TrainOptions = { ...base, ...more, method: latentAverage(vispa(), 0.95), limitBatches: 4 };
    const whole = await fit({ ...options, threads: 1 });
    expect((await fit({ ...options, threads: 3 })).model).toEqual(whole.model);
    const checkpoint = checkpointStore(new MemoryStore());
    for await (const event of train({ ...options, checkpoint })) if (event.type === 'epoch' && event.epoch === 1) break;
    expect((await fit({ ...options, checkpoint, resume: true })).model).toEqual(whole.model);
  });

  it('may export between two events, and goes on to the same bytes', async () => {
    const options: TrainOptions = { ...base, method: latentAverage(ste(), 0.9), epochs: 1 };
    const whole = await fit(options);
    const trainer = train(options);
    let early: Uint8Array | undefined;
    for await (const event of trainer) if (event.type === 'batch' && event.batch === 3) early = await trainer.exportModel();
    expect(await trainer.exportModel()).toEqual(whole.model);
    expect(early).not.toEqual(whole.model);
  });
});

describe('refused', () => {
  it.each(REFUSED)('%s', (name) => {
    expect(() => latentAverage(createMethod(name), 0.9)).toThrow(
      `latentAverage: got "${name}", expected a method whose f32 latent weights`,
    );
  });

  it('a state without latents, when it is built', async () => {
    const own: TrainingMethod = {
      ...ste(),
      name: 'own',
      init: (parameter, context) => Object.assign(ste().init(parameter, context), { latents: undefined }),
    };
    await expect(fit({ ...base, method: latentAverage(own, 0.9) })).rejects.toThrow(
      /latentAverage: got "own", expected a method whose f32 latent/,
    );
  });

  it('what is no decay', () => {
    for (const bad of [-0.1, 1, Number.NaN])
      expect(() => latentAverage(ste(), bad)).toThrow(/latentAverage: got .*, expected a number from 0/);
  });
});
