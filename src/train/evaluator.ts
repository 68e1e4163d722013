/**
 * What a network in training is worth, and the file it becomes: statistics for given weights, samples, ensembles.
 *
 * @module
 */
import { BatchLoader } from '../data/batch-loader.js';
import type { Dataset } from '../data/dataset.js';
import { shuffledIndices } from '../data/loader.js';
import { exportEnsemble } from '../export/export-ensemble.js';
import { type ExportInput, exportModel } from '../export/export-model.js';
import type { Lowering } from '../nn/lowering.js';
import type { Draw } from './method.js';
import type { Settings } from './options.js';
import type { Pace } from './pace.js';
import type { Quality } from './quality.js';
import type { Evaluation, TrainingSession } from './session.js';

/** Batches that batch norm's statistics are re-estimated on, and the epoch whose order and augmentation they have: one that no run reaches. */
export const REESTIMATE_BATCHES = 40;
const REESTIMATE_EPOCH = 0xffffffff;

const MODE: Draw = { kind: 'mode' };

export interface Finished {
  /** Of the exported weights; of the mode where an ensemble is exported. */
  test?: Quality;
  ensemble?: Quality;
  model: Uint8Array<ArrayBuffer>;
}

export class Evaluator {
  readonly #session: TrainingSession;
  readonly #training: Dataset;
  readonly #input: ExportInput;
  readonly #settings: Settings;

  constructor(session: TrainingSession, training: Dataset, input: ExportInput, settings: Settings) {
    this.#session = session;
    this.#training = training;
    this.#input = input;
    this.#settings = settings;
  }

  /** Evaluates the mode on data sets, with the statistics that the options ask for. Leaves weights and statistics as they were. */
  evaluateMode(datasets: readonly (Dataset | undefined)[], pace: Pace): Promise<(Evaluation | undefined)[]> {
    return this.#with(MODE, pace, async () => {
      const evaluations: (Evaluation | undefined)[] = [];
      for (const dataset of datasets) evaluations.push(dataset && (await this.#session.evaluate(dataset, MODE, pace)));
      return evaluations;
    });
  }

  /** The model file of the latent weights as they are, and its accuracy on `test`. Leaves weights and statistics as they were. */
  async finish(test: Dataset | undefined, pace: Pace): Promise<Finished> {
    const session = this.#session;
    const { exportDraw, method, samples } = this.#settings;
    const draw: Draw = exportDraw === 'sample' ? { kind: 'sample', index: 0 } : MODE;
    const ensemble = exportDraw === 'ensemble';
    const voted = exportDraw !== 'sample' && method.stochastic && samples > 0 && (test !== undefined || ensemble);
    const { members, quality } = voted ? await this.#ensemble(test, pace) : { members: [] };
    return this.#with(draw, pace, async () => {
      const evaluation = test && (await this.#quality(test, draw, pace));
      session.draw(draw);
      const input = this.#input;
      const model = ensemble ? exportEnsemble(session.network.lower(), members, input) : exportModel(session.network, input);
      return { test: evaluation, ensemble: quality, model };
    });
  }

  async #quality(test: Dataset, draw: Draw, pace: Pace): Promise<Quality> {
    const session = this.#session;
    const logits = new Float64Array(test.length * session.network.classes);
    session.draw(draw);
    await session.addLogits(test, logits, pace);
    return session.quality(test, logits, 1);
  }

  /** Lowered members, and how good the mean of their logits is. */
  async #ensemble(test: Dataset | undefined, pace: Pace): Promise<{ members: Lowering[]; quality?: Quality }> {
    const session = this.#session;
    const members: Lowering[] = [];
    const sums = new Float64Array((test?.length ?? 0) * session.network.classes);
    for (let index = 0; index < this.#settings.samples; index++) {
      await this.#with({ kind: 'sample', index }, pace, async () => {
        if (this.#settings.exportDraw === 'ensemble') members.push(session.network.lower());
        if (test !== undefined) await session.addLogits(test, sums, pace);
      });
    }
    return { members, quality: test && session.quality(test, sums, this.#settings.samples) };
  }

  /** Draws weights, gives them statistics of their own where that is due, and puts the statistics back after `use`. */
  async #with<T>(draw: Draw, pace: Pace, use: () => Promise<T>): Promise<T> {
    const session = this.#session;
    const statistics = session.statistics();
    const copy = session.copy(statistics);
    try {
      session.draw(draw);
      if (draw.kind !== 'mode' || this.#settings.batchNormStatistics === 'reestimate') await this.#reestimate(pace);
      return await use();
    } finally {
      session.restore(statistics, copy);
    }
  }

  /** Statistics of batch norm for the weights as they are drawn now. */
  #reestimate(pace: Pace): Promise<void> {
    const { batchSize, seed, augmentation } = this.#settings;
    const order = shuffledIndices(this.#training.length, seed, REESTIMATE_EPOCH).subarray(0, REESTIMATE_BATCHES * batchSize);
    const loader = new BatchLoader(this.#training, { batchSize, seed, augmentation });
    return this.#session.reestimate(loader, order, batchSize, REESTIMATE_EPOCH, pace);
  }
}
