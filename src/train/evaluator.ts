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
import type { Chosen, Selection } from './exports/choice.js';
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
  selection?: Selection;
  model: Uint8Array<ArrayBuffer>;
}

export class Evaluator {
  readonly #session: TrainingSession;
  readonly #training: Dataset;
  readonly #validation: Dataset | undefined;
  readonly #input: ExportInput;
  readonly #settings: Settings;

  constructor(
    session: TrainingSession,
    { training, validation }: { training: Dataset; validation?: Dataset },
    input: ExportInput,
    settings: Settings,
  ) {
    this.#session = session;
    this.#training = training;
    this.#validation = validation;
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
    const { draw, members, selection } = await this.#choose(pace);
    const { method, samples } = this.#settings;
    const voters = members ?? (draw.kind === 'mode' && method.stochastic && test !== undefined ? samplesOf(samples) : []);
    const lowered: Lowering[] = [];
    const ensemble = voters.length > 0 ? await this.#vote(voters, test, pace, members && lowered) : undefined;
    return this.#with(draw, pace, async () => {
      const evaluation = test && (await this.#quality(test, draw, pace));
      session.draw(draw);
      const input = this.#input;
      const model = members ? exportEnsemble(session.network.lower(), lowered, input) : exportModel(session.network, input);
      return { test: evaluation, ensemble, selection, model };
    });
  }

  async #choose(pace: Pace): Promise<Chosen> {
    const { exportDraw, method, samples } = this.#settings;
    if (typeof exportDraw === 'string')
      return exportDraw === 'sample'
        ? { draw: samplesOf(1)[0] }
        : { draw: MODE, members: exportDraw === 'mode' ? undefined : samplesOf(samples) };
    return exportDraw.choose(method, (draw) =>
      this.#with(draw, pace, () => this.#session.evaluate(this.#validation as Dataset, draw, pace)),
    );
  }

  async #quality(test: Dataset, draw: Draw, pace: Pace): Promise<Quality> {
    const session = this.#session;
    const logits = new Float64Array(test.length * session.network.classes);
    session.draw(draw);
    await session.addLogits(test, logits, pace);
    return session.quality(test, logits, 1);
  }

  /** How good the mean of the members' logits is on `test`. Lowered members go to `lowered`. */
  async #vote(members: Draw[], test: Dataset | undefined, pace: Pace, lowered?: Lowering[]): Promise<Quality | undefined> {
    const session = this.#session;
    const sums = new Float64Array((test?.length ?? 0) * session.network.classes);
    for (const draw of members) {
      await this.#with(draw, pace, async () => {
        lowered?.push(session.network.lower());
        if (test !== undefined) await session.addLogits(test, sums, pace);
      });
    }
    return test && session.quality(test, sums, members.length);
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

function samplesOf(count: number): Draw[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'sample', index }));
}
