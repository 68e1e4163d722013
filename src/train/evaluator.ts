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
import type { Evaluation, TrainingSession } from './session.js';

/** Batches that batch norm's statistics are re-estimated on, and the epoch whose order and augmentation they have: one that no run reaches. */
export const REESTIMATE_BATCHES = 40;
const REESTIMATE_EPOCH = 0xffffffff;

const MODE: Draw = { kind: 'mode' };

export interface Finished {
  /** Of the exported weights; of the mode where an ensemble is exported. */
  test?: Evaluation;
  ensembleAccuracy?: number;
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

  /** Statistics of batch norm for the weights as they are drawn now. */
  reestimate(pace: Pace): Promise<void> {
    const { batchSize, seed, augmentation } = this.#settings;
    const order = shuffledIndices(this.#training.length, seed, REESTIMATE_EPOCH).subarray(0, REESTIMATE_BATCHES * batchSize);
    const loader = new BatchLoader(this.#training, { batchSize, seed, augmentation });
    return this.#session.reestimate(loader, order, batchSize, REESTIMATE_EPOCH, pace);
  }

  /** The model file of the latent weights as they are, and its accuracy on `test`. Leaves weights and statistics as they were. */
  finish(test: Dataset | undefined, pace: Pace): Promise<Finished> {
    const session = this.#session;
    if (this.#settings.exportDraw !== 'sample') return this.#finishMode(test, pace);
    return this.#withSample(0, pace, async (draw) => ({
      test: test && (await session.evaluate(test, draw, pace)),
      model: exportModel(session.network, this.#input),
    }));
  }

  async #finishMode(test: Dataset | undefined, pace: Pace): Promise<Finished> {
    const session = this.#session;
    const { exportDraw, method, samples } = this.#settings;
    const evaluation = test && (await session.evaluate(test, MODE, pace));
    const wanted = test !== undefined || exportDraw === 'ensemble';
    const { members, accuracy } = method.stochastic && samples > 0 && wanted ? await this.#ensemble(test, pace) : { members: [] };
    session.draw(MODE);
    const model =
      exportDraw === 'ensemble' ? exportEnsemble(session.network.lower(), members, this.#input) : exportModel(session.network, this.#input);
    return { test: evaluation, ensembleAccuracy: accuracy, model };
  }

  /** Lowered members, and the accuracy of the sum of their logits. */
  async #ensemble(test: Dataset | undefined, pace: Pace): Promise<{ members: Lowering[]; accuracy?: number }> {
    const session = this.#session;
    const members: Lowering[] = [];
    const sums = new Float64Array((test?.length ?? 0) * session.network.classes);
    for (let index = 0; index < this.#settings.samples; index++) {
      await this.#withSample(index, pace, async () => {
        if (this.#settings.exportDraw === 'ensemble') members.push(session.network.lower());
        if (test !== undefined) await session.addLogits(test, sums, pace);
      });
    }
    return { members, accuracy: test && (await session.accuracyOf(test, sums)) };
  }

  /** Draws member `index`, re-estimates its statistics for `use`, and puts those of the mode back. */
  async #withSample<T>(index: number, pace: Pace, use: (draw: Draw) => Promise<T>): Promise<T> {
    const session = this.#session;
    const statistics = session.statistics();
    const copy = session.copy(statistics);
    const draw: Draw = { kind: 'sample', index };
    try {
      session.draw(draw);
      await this.reestimate(pace);
      return await use(draw);
    } finally {
      session.restore(statistics, copy);
    }
  }
}
