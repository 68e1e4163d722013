// One update of all binary layers of VGG-Small at width 1 (4.57 million latent weights), one thread: ms per step of each optimizer.
//   npm run bench -- optimizers [--quick] [--save]
// Weights, gradients and states are 55 MB or more, so that the caches hold no layer from one step to the next, as in training.
import { Runtime } from '../../build/js/core/runtime.js';
import { createOptimizer } from '../../build/js/train/optimizers/registry.js';
import { interleave, record } from '../harness.mjs';

/** [in, out] of the 3x3 convolutions. */
const LAYERS = [
  [128, 128],
  [128, 256],
  [256, 256],
  [256, 512],
  [512, 512],
];
const OPTIMIZERS = [
  ['adamw'],
  ['sgd'],
  ['nsgd'],
  ['muon', { block: 8 }],
  ['muon', { block: 16 }],
  ['muon', { block: 32 }],
  ['muon', { block: 32, iterations: 5 }],
];

const runtime = await Runtime.create();
const numbers = (elements, step) => {
  const pointer = runtime.arena.allocate(elements * 4, 'parameters');
  runtime.normal(pointer, elements, 0.01, { seed: 0, purpose: 0, step });
  return pointer;
};
const layers = LAYERS.map(([cin, cout], i) => {
  const elements = cout * 9 * cin;
  return { target: { name: `layer ${i}`, data: numbers(elements, 2 * i), elements, filters: { cout, rows: 9 * cin } }, i };
});
const gradients = layers.map(({ target, i }) => numbers(target.elements, 2 * i + 1));
const weights = layers.reduce((sum, { target }) => sum + target.elements, 0);

const runs = Object.fromEntries(
  OPTIMIZERS.map(([name, options]) => {
    const states = layers.map(({ target }) => createOptimizer(name, options).init(runtime, target));
    const label = `${name}${Object.entries(options ?? {}).map(([key, value]) => ` ${key} ${value}`)}`;
    const update = () => {
      for (const [i, state] of states.entries()) state.update(gradients[i], 1, 0.001);
    };
    return [label, update];
  }),
);
const times = interleave(runs, process.argv.includes('--quick') ? 5 : 25);
const rows = Object.entries(times).map(([optimizer, { median, best, spread }]) => ({
  optimizer,
  weights,
  ms: Number(median.toFixed(2)),
  bestMs: Number(best.toFixed(2)),
  spread: Number(spread.toFixed(2)),
  nsPerWeight: Number(((median * 1e6) / weights).toFixed(2)),
}));
for (const { optimizer, ms, bestMs, nsPerWeight } of rows)
  console.log(`${optimizer.padEnd(30)} ${ms.toFixed(2).padStart(8)} ms (best ${bestMs.toFixed(2)})  ${nsPerWeight} ns per weight`);
if (process.argv.includes('--save'))
  record(`training-optimizers-node${process.versions.node.split('.')[0]}`, 'npm run bench -- optimizers --save', rows);
