// Training steps, batch 128: images per second and milliseconds per step of the network.
//   npm run bench -- training [--model convnet] [--width W] [--data fashion-mnist] [--optimizer NAME] [--threads N,N] [--data-dir DIR] [--steps N] [--rounds N] [--reference DIR] [--brief] [--save]
// The first N steps of an epoch, for each kind of run in turn, in rounds; medians. Loading is counted, evaluation is not.
// --kinds 'ste int16,ste int8,vispa int16': method and gradients. --reference DIR: a folder with conv.ts, lookup.ts and conv.bench.mjs, whose milliseconds per
// image for forward + dX + dW of VGG-Small's five binary layers are measured in the same minutes; a step on one thread is compared with them.

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
import { runReference } from '../reference.mjs';

const STEPS = Number(option('--steps', '100'));
const ROUNDS = Number(option('--rounds', '3'));
const BATCH = 128;
const WARM = 3;
const name = option('--model', 'convnet');
const width = option('--width');
const optimizer = option('--optimizer', 'adamw');
const threadCounts = option('--threads', '1').split(',').map(Number);
const reference = option('--reference');
const kinds = option('--kinds', 'ste int16,ste f32,vispa int16').split(',');
const { train, augmentation } = await loadDataset(option('--data', 'fashion-mnist'), { dataDir: option('--data-dir') });
const { mean, std } = channelStatistics(train);
const input = { shape: train.shape, type: 'u8', table: normalizationTable(mean, std) };
const order = shuffledIndices(train.length, 0, 0);

/** Times STEPS steps; returns the median step in ms and ms per network step, by name and phase. */
async function measure(method, gradients, threads) {
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

/** Milliseconds per image of the five binary layers in the reference, by gradients; the best of what was measured. */
function referenceRound(best) {
  if (reference === undefined) return;
  const names = { f32: 'f32', int16: 'int16', int8: 'int8_15', 'int8-fast': 'int8_6' };
  const measured = JSON.parse(runReference(reference, 'conv', 12000, ['--quick', '--json']));
  for (const [gradients, key] of Object.entries(names))
    if (measured[key] !== undefined) best[gradients] = Math.min(best[gradients] ?? Infinity, measured[key]);
}

const runs = kinds.flatMap((kind) => threadCounts.map((threads) => [...kind.split(' '), threads]));
const results = [];
const best = {};
for (let round = 0; round < ROUNDS; round++) {
  referenceRound(best);
  for (const [method, gradients, threads] of runs)
    results.push({ method, gradients, threads, ...(await measure(method, gradients, threads)) });
}
referenceRound(best);
const rows = runs.map(([method, gradients, threads]) => {
  const mine = results
    .filter((result) => result.method === method && result.gradients === gradients && result.threads === threads)
    .sort((a, b) => a.step.median - b.step.median);
  const { step, layers } = mine[Math.floor(mine.length / 2)];
  const msPerImage = step.median / BATCH;
  return {
    model: name,
    ...(width === undefined ? {} : { width: Number(width) }),
    method,
    optimizer,
    gradients,
    threads,
    batch: BATCH,
    msPerStep: Number(step.median.toFixed(2)),
    imagesPerSecond: Math.round(1000 / msPerImage),
    bestMsPerStep: Number(mine[0].step.best.toFixed(2)),
    spread: Number(step.spread.toFixed(2)),
    ...(best[gradients] === undefined
      ? {}
      : { referenceMsPerImage: best[gradients], ratioToReference: Number((msPerImage / best[gradients]).toFixed(3)) }),
    layers,
  };
});
for (const row of rows) {
  const alone = rows.find(({ method, gradients, threads }) => method === row.method && gradients === row.gradients && threads === 1);
  if (row.threads > 1 && alone !== undefined) row.speedup = Number((alone.msPerStep / row.msPerStep).toFixed(3));
  const more = [
    row.speedup === undefined ? '' : `, ${row.speedup} times one thread`,
    row.ratioToReference === undefined ? '' : `, ${row.ratioToReference} of the reference's ${row.referenceMsPerImage} ms per image`,
  ].join('');
  console.log(
    `${row.method}, ${row.gradients}, threads ${row.threads}: ${row.imagesPerSecond} images/s, ${row.msPerStep} ms per step of ${BATCH}${more}`,
  );
  if (!process.argv.includes('--brief'))
    for (const [layer, ms] of Object.entries(row.layers)) console.log(`  ${layer.padEnd(26)} ${ms.toFixed(2).padStart(7)} ms`);
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
