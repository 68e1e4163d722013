/**
 * How many epochs fit in a time budget: a few steps are measured on the real network, which is then put back as it was.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import type { BatchLoader } from '../data/batch-loader.js';
import type { Pace } from './pace.js';
import type { TrainingSession } from './session.js';

/** Steps that are measured, after one that warms up. */
const MEASURED = 4;
/** Part of the budget that the plan uses. */
const SHARE = 0.97;

export interface Work {
  /** Seconds that are left. */
  budget: number;
  batchSize: number;
  stepsPerEpoch: number;
  /** Images of forward passes per epoch beside the training steps, and after the last epoch. */
  evaluatedPerEpoch: number;
  evaluatedAtEnd: number;
}

/** Epochs that fit. Throws with the figures when not even one does. */
export async function planEpochs(session: TrainingSession, loader: BatchLoader, work: Work, pace: Pace): Promise<number> {
  const { budget, batchSize, stepsPerEpoch } = work;
  const begin = performance.now();
  const { step, image } = await measure(session, loader, batchSize, pace);
  const left = SHARE * (budget - (performance.now() - begin) / 1000) - work.evaluatedAtEnd * image;
  const epoch = stepsPerEpoch * step + work.evaluatedPerEpoch * image;
  const epochs = Math.floor(left / epoch);
  if (epochs >= 1) return epochs;
  const needed = Math.ceil((epoch + work.evaluatedAtEnd * image) / SHARE);
  throw argumentError(
    'timeBudget',
    `${Math.round(budget)} s`,
    `at least about ${needed} s: an epoch of ${stepsPerEpoch} steps takes ${epoch.toFixed(1)} s here; allow more time, a smaller network, or end epochs early with limitBatches`,
  );
}

/** Seconds of a training step, and of an image in evaluation. Leaves the network as it was. */
async function measure(
  session: TrainingSession,
  loader: BatchLoader,
  batchSize: number,
  pace: Pace,
): Promise<{ step: number; image: number }> {
  const buffers = session.checkpointBuffers();
  const copy = session.copy(buffers);
  const counters = session.counters();
  const indices = Uint32Array.from({ length: batchSize }, (_, i) => i);
  const seconds: number[] = [];
  for (let i = 0; i <= MEASURED; i++) {
    const begin = performance.now();
    loader.begin(indices, 0);
    const count = loader.take(session.network.batchViews());
    await session.step(count, 0, 1, { latent: 0, real: 0 }, pace);
    seconds.push((performance.now() - begin) / 1000);
  }
  const begin = performance.now();
  await pace.run(session.network.forward({ training: false, count: batchSize, step: 0 }));
  const image = (performance.now() - begin) / 1000 / batchSize;
  session.restore(buffers, copy);
  session.setCounters(counters);
  const sorted = seconds.slice(1).sort((a, b) => a - b);
  return { step: sorted[MEASURED / 2], image };
}
