// One pass for update and next draw gives the bits of one kernel after the other, which have oracles of their own.
import { describe, expect, it } from 'vitest';
import { ste } from '../../src/train/methods/ste.js';
import { vispa } from '../../src/train/methods/vispa.js';
import { type SgdOptions, sgd } from '../../src/train/optimizers/sgd.js';
import type { Draw, TrainingMethod } from '../../src/train.js';
import { TestRandom } from '../helpers/random.js';
import { buildState, drain, type StateOnTest } from '../helpers/state.js';

const train = (step: number): Draw => ({ kind: 'train', step, progress: step / 4 });
const SHAPE = { cout: 70, cin: 67 };

/** Four steps; `ahead`: with the next draw in the same pass. */
async function run(method: TrainingMethod, options: SgdOptions, ahead: boolean): Promise<StateOnTest> {
  const built = await buildState(method, { ...SHAPE, optimizer: sgd(options) });
  const { runtime, parameter, state } = built;
  const random = new TestRandom(5);
  for (let step = 0; step < 4; step++) {
    state.sample(train(step));
    const gradient = runtime.arena.f32(parameter.gradient, parameter.elements);
    for (let i = 0; i < gradient.length; i++) gradient[i] = i % 32 < SHAPE.cout || i < gradient.length / 2 ? random.f32(-0.3, 0.3) : 0;
    drain(state.update(0.1, ahead ? train(step + 1) : undefined));
    if (step === 1) state.sample({ kind: 'mode' }); // an evaluation throws a draw away
  }
  state.sample(train(4));
  return built;
}

/** Everything that a step leaves behind. */
function contents({ runtime, parameter, state }: StateOnTest): unknown[] {
  const { buffers, counters } = state.checkpoint();
  const words = [
    runtime.arena.u8(parameter.words, parameter.wordBytes).slice(),
    runtime.arena.u8(parameter.wordsT, parameter.wordTBytes).slice(),
  ];
  return [
    ...words,
    ...buffers.map(({ name, pointer, elements }) => [name, runtime.arena.u8(pointer, elements * 4).slice()]),
    counters.map(({ name, get }) => [name, get()]),
  ];
}

const METHODS: [string, TrainingMethod][] = [
  ['ste', ste()],
  ['ste, clipped', ste({ clip: 0.05 })],
  ['vispa of rank 1', vispa({ rank: 1 })],
  ['vispa of rank 3, row-normalised, annealed', vispa({ rank: 3, normalize: 'row', noiseAnneal: 0.5 })],
  ['vispa of rank 2, pairs and the true gradient', vispa({ noise: 'antithetic', factorGradient: 'true' })],
  ['vispa of rank 2, sigma points', vispa({ noise: 'sigma-points' })],
];

describe.each(METHODS)('%s', (_, method) => {
  it.each<SgdOptions>([{}, { nesterov: true }, { momentum: 0.5, weightDecay: 0.1 }])('with sgd %o', async (options) => {
    const fused = await run(method, options, true);
    const apart = await run(method, options, false);
    const words = (built: StateOnTest): Uint8Array => built.runtime.arena.u8(built.parameter.words, built.parameter.wordBytes).slice();
    expect(words(fused)).toEqual(words(apart));
    expect(contents(fused)).toEqual(contents(apart));
  });
});

it('does it in one pass, and only where the next draw is known', async () => {
  const built = await buildState(vispa({ rank: 2 }), { ...SHAPE, optimizer: sgd() });
  const { runtime, state } = built;
  const names: string[] = [];
  const { run: runKernel, pieces } = runtime;
  runtime.run = (name, ...rest) => {
    names.push(name);
    runKernel.call(runtime, name, ...rest);
  };
  runtime.pieces = (name, ...rest) => {
    names.push(name);
    return pieces.call(runtime, name, ...rest);
  };
  state.sample(train(0));
  names.length = 0;
  drain(state.update(0.1, train(1)));
  state.sample(train(1));
  expect(names).toEqual(['random_normal_f32', 'update_vispa_sgd']);
  names.length = 0;
  drain(state.update(0.1));
  expect(names).toEqual(['update_sgd', 'update_sgd', 'update_sgd']);
});
