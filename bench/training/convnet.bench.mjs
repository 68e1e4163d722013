// Training steps of convnet on Fashion-MNIST, batch 128, one thread: images per second and milliseconds per step of the network.
//   npm run bench -- training [--data-dir DIR] [--steps N] [--save]
// One epoch's first N steps for each gradient type, in turn, three times; medians. Loading and evaluation are not counted.

import { normalizationTable } from '../../build/js/core/normalization.js';
import { RandomStream } from '../../build/js/core/random.js';
import { loadDataset } from '../../build/js/data/registry.js';
import { channelStatistics } from '../../build/js/data/statistics.js';
import { convnet } from '../../build/js/models/convnet.js';
import { createMethod } from '../../build/js/train/methods/registry.js';
import { adamw } from '../../build/js/train/optimizers/adamw.js';
import { Pace } from '../../build/js/train/pace.js';
import { TrainingSession } from '../../build/js/train/session.js';
import { option, record, summarize } from '../harness.mjs';

const STEPS = Number(option('--steps', '100'));
const BATCH = 128;
const { train } = await loadDataset('fashion-mnist', { dataDir: option('--data-dir') });
const { mean, std } = channelStatistics(train);
const input = { shape: train.shape, type: 'u8', table: normalizationTable(mean, std) };
const order = new Uint32Array(train.length).map((_, i) => i);
new RandomStream(0, 'shuffle', 0).shuffle(order);

/** Times STEPS steps; returns the median step in ms and ms per network step, by name and phase. */
async function measure(method, gradients) {
  const session = await TrainingSession.create({
    model: convnet({ classes: 10 }),
    input,
    classes: 10,
    batchSize: BATCH,
    gradients,
    seed: 0,
    method: createMethod(method),
    optimizer: adamw(),
    realOptimizer: adamw(),
  });
  const layers = new Map();
  session.network.observer = (step, phase, ms) => layers.set(`${step} ${phase}`, [...(layers.get(`${step} ${phase}`) ?? []), ms]);
  const pace = new Pace();
  const times = [];
  for (let step = 0; step < STEPS; step++) {
    const indices = order.subarray(step * BATCH, (step + 1) * BATCH);
    const start = performance.now();
    await session.step(train, indices, step, { latent: 0.002, real: 0.002 }, pace);
    times.push(performance.now() - start);
  }
  return {
    step: summarize(times.slice(5)),
    layers: Object.fromEntries([...layers].map(([name, ms]) => [name, Number(summarize(ms.slice(5)).median.toFixed(3))])),
  };
}

const runs = [
  ['ste', 'int16'],
  ['ste', 'f32'],
  ['vispa', 'int16'],
];
const results = [];
for (let round = 0; round < 3; round++)
  for (const [method, gradients] of runs) results.push({ method, gradients, ...(await measure(method, gradients)) });
const rows = runs.map(([method, gradients]) => {
  const mine = results
    .filter((result) => result.method === method && result.gradients === gradients)
    .sort((a, b) => a.step.median - b.step.median);
  const { step, layers } = mine[1];
  return {
    method,
    gradients,
    batch: BATCH,
    msPerStep: Number(step.median.toFixed(2)),
    spread: Number(step.spread.toFixed(2)),
    imagesPerSecond: Math.round((BATCH / step.median) * 1000),
    layers,
  };
});
for (const { method, gradients, msPerStep, imagesPerSecond, layers } of rows) {
  console.log(`${method}, ${gradients}: ${imagesPerSecond} images/s, ${msPerStep} ms per step of ${BATCH}`);
  for (const [name, ms] of Object.entries(layers)) console.log(`  ${name.padEnd(26)} ${ms.toFixed(2).padStart(7)} ms`);
}
if (process.argv.includes('--save'))
  record(`training-convnet-node${process.versions.node.split('.')[0]}`, 'npm run bench -- training', rows);
