// Training steps, batch 128: images per second and milliseconds per step of the network.
//   npm run bench -- training [--model convnet] [--width W] [--data fashion-mnist] [--optimizer NAME] [--threads N] [--data-dir DIR] [--steps N] [--rounds N] [--save]
// The first N steps of an epoch, for each kind of run in turn, in rounds; medians. Loading is counted, evaluation is not.

import { normalizationTable } from '../../build/js/core/normalization.js';
import { BatchLoader } from '../../build/js/data/batch-loader.js';
import { shuffledIndices } from '../../build/js/data/loader.js';
import { loadDataset } from '../../build/js/data/registry.js';
import { channelStatistics } from '../../build/js/data/statistics.js';
import { createModel } from '../../build/js/models/registry.js';
import { createMethod } from '../../build/js/train/methods/registry.js';
import { adamw } from '../../build/js/train/optimizers/adamw.js';
import { createOptimizer } from '../../build/js/train/optimizers/registry.js';
import { Pace } from '../../build/js/train/pace.js';
import { StepProfile } from '../../build/js/train/profile.js';
import { TrainingSession } from '../../build/js/train/session.js';
import { option, record, summarize } from '../harness.mjs';

const STEPS = Number(option('--steps', '100'));
const ROUNDS = Number(option('--rounds', '3'));
const BATCH = 128;
const WARM = 3;
const name = option('--model', 'convnet');
const width = option('--width');
const optimizer = option('--optimizer', 'adamw');
const threads = Number(option('--threads', '1'));
const kinds = option('--kinds', 'ste int16,ste f32,vispa int16').split(',');
const { train, augmentation } = await loadDataset(option('--data', 'fashion-mnist'), { dataDir: option('--data-dir') });
const { mean, std } = channelStatistics(train);
const input = { shape: train.shape, type: 'u8', table: normalizationTable(mean, std) };
const order = shuffledIndices(train.length, 0, 0);

/** Times STEPS steps; returns the median step in ms and ms per network step, by name and phase. */
async function measure(method, gradients) {
  const session = await TrainingSession.create({
    model: createModel(name, { classes: train.classes, width: width === undefined ? undefined : Number(width) }),
    input,
    classes: train.classes,
    batchSize: BATCH,
    gradients,
    seed: 0,
    method: createMethod(method),
    optimizer: createOptimizer(optimizer),
    realOptimizer: adamw(),
    threads,
  });
  const layers = new Map();
  session.profile = new StepProfile(session.network.steps, threads);
  const loader = new BatchLoader(train, { batchSize: BATCH, seed: 0, augmentation });
  const pace = new Pace(undefined, () => loader.advance());
  const times = [];
  const prepare = (step) => loader.begin(order.subarray(step * BATCH, (step + 1) * BATCH), 0);
  prepare(0);
  for (let step = 0; step < STEPS; step++) {
    const start = performance.now();
    const count = loader.take(session.network.batchViews());
    prepare(step + 1);
    await session.step(count, step, 0, { latent: 0.002, real: 0.002 }, pace);
    times.push(performance.now() - start);
    const parts = new Map();
    for (const { layer, phase, ms } of session.profile.take().rows) {
      const key = `${layer} ${phase}`;
      parts.set(key, (parts.get(key) ?? 0) + ms);
    }
    for (const [key, ms] of parts) layers.set(key, [...(layers.get(key) ?? []), ms]);
  }
  await session.stop();
  return {
    step: summarize(times.slice(WARM)),
    layers: Object.fromEntries([...layers].map(([layer, ms]) => [layer, Number(summarize(ms.slice(WARM)).median.toFixed(3))])),
  };
}

const runs = kinds.map((kind) => kind.split(' '));
const results = [];
for (let round = 0; round < ROUNDS; round++)
  for (const [method, gradients] of runs) results.push({ method, gradients, ...(await measure(method, gradients)) });
const rows = runs.map(([method, gradients]) => {
  const mine = results
    .filter((result) => result.method === method && result.gradients === gradients)
    .sort((a, b) => a.step.median - b.step.median);
  const { step, layers } = mine[Math.floor(mine.length / 2)];
  return {
    model: name,
    ...(width === undefined ? {} : { width: Number(width) }),
    method,
    optimizer,
    gradients,
    threads,
    batch: BATCH,
    msPerStep: Number(step.median.toFixed(2)),
    imagesPerSecond: Math.round((BATCH * 1000) / step.median),
    bestMsPerStep: Number(step.best.toFixed(2)),
    spread: Number(step.spread.toFixed(2)),
    layers,
  };
});
for (const { method, gradients, imagesPerSecond, msPerStep, layers } of rows) {
  console.log(`${method}, ${gradients}: ${imagesPerSecond} images/s, ${msPerStep} ms per step of ${BATCH}`);
  for (const [layer, ms] of Object.entries(layers)) console.log(`  ${layer.padEnd(26)} ${ms.toFixed(2).padStart(7)} ms`);
}
if (process.argv.includes('--save')) {
  const file = `training-${name}${width === undefined ? '' : `-${width}`}-node${process.versions.node.split('.')[0]}`;
  record(
    file,
    `npm run bench -- training ${process.argv
      .slice(3)
      .filter((word) => word !== '--save')
      .join(' ')}`.trim(),
    rows,
  );
}
