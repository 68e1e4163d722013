/**
 * The training loop, only the loop: `for await (const event of train({ … }))`.
 *
 * @module
 */
import { argumentError, BitgaussError } from '../core/errors.js';
import { normalizationTable } from '../core/normalization.js';
import { BatchLoader } from '../data/batch-loader.js';
import type { Dataset } from '../data/dataset.js';
import { shuffledIndices, validationSplit } from '../data/loader.js';
import { measureStatistics } from '../data/statistics.js';
import type { ExportInput } from '../export/export-model.js';
import type { Checkpoint, Kept } from './checkpoint.js';
import { Evaluator, REESTIMATE_BATCHES } from './evaluator.js';
import type { DoneEvent, EpochEvent, TrainEvent } from './events.js';
import { type Settings, type TrainOptions, withDefaults } from './options.js';
import { Pace } from './pace.js';
import { planEpochs } from './plan.js';
import { layerReports, SignLog, startEvent } from './reports.js';
import { rateFactor } from './schedule.js';
import { type Evaluation, type Rates, TrainingSession } from './session.js';

/** A training run: iterate over it once for its events; then, or after an abort, take the model. */
export interface Trainer extends AsyncIterable<TrainEvent> {
  /**
   * The bytes of the model file. When the run has ended, or was aborted: the kept epoch, or the last weights if there is none. Between two events: the
   * weights as they are. Rejects while a step is under way.
   */
  exportModel(): Promise<Uint8Array<ArrayBuffer>>;
  /** The epoch that is kept so far; undefined before the first one has ended. */
  readonly keptEpoch: number | undefined;
}

/** Trains a network. Nothing runs before the first event is asked for; arguments are checked at once. */
export function train(options: TrainOptions): Trainer {
  return new TrainingRun(options);
}

/** Trains to the end and returns the model file's bytes with the last event and the epochs' events, those before a resumed run's start included. Rejects with the signal's reason on abort. */
export async function fit(
  options: TrainOptions & { onEvent?: (event: TrainEvent) => void },
): Promise<{ model: Uint8Array<ArrayBuffer>; result: DoneEvent; history: EpochEvent[] }> {
  const trainer = train(options);
  const history: EpochEvent[] = [];
  for await (const event of trainer) {
    options.onEvent?.(event);
    if (event.type === 'start') history.push(...event.history);
    if (event.type === 'epoch') history.push(event);
    if (event.type === 'done') return { model: await trainer.exportModel(), result: event, history };
  }
  throw new BitgaussError('aborted', 'training ended without a result');
}

/** What exists once a run has begun. */
interface Parts {
  session: TrainingSession;
  training: Dataset;
  validation: Dataset | undefined;
  input: ExportInput;
  /** Of the training steps. */
  loader: BatchLoader;
  evaluator: Evaluator;
  stepsPerEpoch: number;
}

class TrainingRun implements Trainer {
  readonly #options: TrainOptions;
  readonly #settings: Settings;
  #parts: Parts | undefined;
  #started = false;
  #busy = false;
  /** An export that nobody awaited: the next step waits for it. */
  #exporting: Promise<unknown> = Promise.resolve();
  #kept: Kept | undefined;
  /** What the finished run exports. */
  #model: Uint8Array<ArrayBuffer> | undefined;

  constructor(options: TrainOptions) {
    this.#options = options;
    this.#settings = withDefaults(options);
  }

  get keptEpoch(): number | undefined {
    return this.#kept?.epoch;
  }

  async exportModel(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#parts === undefined)
      throw new BitgaussError('argument', 'exportModel: nothing was trained yet; iterate over the trainer first');
    // A paused step goes on with the signs that it began with.
    if (this.#busy) throw new BitgaussError('argument', 'exportModel: a step is under way; call it between two events, or after the run');
    const parts = this.#parts;
    if (this.#model !== undefined) return this.#model.slice();
    const exporting = this.#exclusive(() => parts.evaluator.finish(undefined, new Pace()));
    this.#exporting = exporting.catch(() => {});
    return (await exporting).model;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainEvent, void, undefined> {
    if (this.#started) throw new BitgaussError('argument', 'train: a run can be iterated over once; call train() again');
    this.#started = true;
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const begin = performance.now();
    const saved = await this.#openCheckpoint();
    const parts = await this.#build(new Pace(signal));
    try {
      yield* this.#run(parts, saved, begin);
    } finally {
      await parts.session.stop();
    }
  }

  async *#run(parts: Parts, saved: Checkpoint | undefined, begin: number): AsyncGenerator<TrainEvent, void, undefined> {
    const { signal } = this.#options;
    const { session, training, loader, stepsPerEpoch } = parts;
    const { batchSize, seed, test, evaluateEvery } = this.#settings;
    const run = { settings: this.#settings, ...parts };
    saved?.requireSame(run);
    this.#kept = saved?.restore(session);
    const history: EpochEvent[] = saved?.history ?? [];
    const pace = new Pace(signal, () => loader.advance());
    const epochs = saved?.epochs ?? (await this.#plan(parts, begin, pace));
    const writer = await this.#options.checkpoint?.begin(run, history);
    this.#parts = parts;
    session.profile = this.#options.profile?.start(session.network.steps, session.threads.threads);
    yield startEvent(session, this.#settings, { train: training.length, epochs, stepsPerEpoch, history: [...history] });

    let trainingSeconds = saved?.trainingSeconds ?? 0;
    const earlier = saved?.seconds ?? 0;
    const elapsed = (): number => earlier + (performance.now() - begin) / 1000;
    const steps = epochs * stepsPerEpoch;
    let order: Uint32Array = new Uint32Array();
    const prepare = (epoch: number, batch: number): void => {
      if (batch === 0) order = shuffledIndices(training.length, seed, epoch);
      loader.begin(order.subarray(batch * batchSize, (batch + 1) * batchSize), epoch);
    };
    const signs = new SignLog(session);
    const first = saved?.done ?? 0;
    if (first < epochs) prepare(first, 0);
    try {
      for (let epoch = first; epoch < epochs; epoch++) {
        const epochBegin = performance.now();
        let [loss, correct, seconds] = [0, 0, 0];
        for (let batch = 0; batch < stepsPerEpoch; batch++) {
          const step = epoch * stepsPerEpoch + batch;
          const rates = this.#rates(step, steps, stepsPerEpoch, session);
          await this.#exporting;
          const stepBegin = performance.now();
          const count = loader.take(session.network.batchViews());
          if (batch + 1 < stepsPerEpoch) prepare(epoch, batch + 1);
          else if (epoch + 1 < epochs) prepare(epoch + 1, 0);
          const result = await this.#exclusive(() => session.step(count, step, steps, rates, pace));
          seconds += (performance.now() - stepBegin) / 1000;
          loss += result.loss / stepsPerEpoch;
          correct += result.correct;
          const accuracy = result.correct / batchSize;
          const flips = signs.flips();
          const layers = session.network.gradientReports();
          if (layers.length > 0) yield { type: 'gradients', step, layers };
          yield { type: 'batch', epoch, batch, batches: stepsPerEpoch, loss: result.loss, accuracy, learningRate: rates.latent, flips };
        }
        trainingSeconds += seconds;
        await this.#exporting;
        session.draw({ kind: 'mode' }); // counts the signs that the last update changed
        const layers = layerReports(session, signs.take());
        const due = (epoch + 1) % evaluateEvery === 0 || epoch + 1 === epochs;
        const evaluated = await this.#exclusive(() => this.#endEpoch(parts, epoch, due, pace));
        const event: EpochEvent = {
          type: 'epoch',
          epoch,
          epochs,
          loss,
          accuracy: correct / (stepsPerEpoch * batchSize),
          validationLoss: evaluated.validation?.loss,
          validationAccuracy: evaluated.validation?.accuracy,
          testAccuracy: evaluated.test?.accuracy,
          best: this.#kept?.epoch === epoch,
          layers,
          imagesPerSecond: (stepsPerEpoch * batchSize) / seconds,
          seconds: (performance.now() - epochBegin) / 1000,
        };
        history.push(event);
        const position = { done: epoch + 1, epochs, history, trainingSeconds, seconds: elapsed() };
        await this.#exclusive(async () => writer?.save(position, this.#kept));
        yield event;
      }
    } finally {
      await this.#exporting;
      // Also when aborted: the kept epoch is what gets exported.
      if (this.#kept !== undefined) session.restore(session.modelBuffers(), this.#kept.copy);
    }
    const result = await this.#exclusive(() => parts.evaluator.finish(test, pace));
    this.#model = result.model;
    yield {
      type: 'done',
      epoch: this.#kept?.epoch ?? epochs - 1,
      testAccuracy: result.test?.accuracy,
      testLoss: result.test?.loss,
      testCalibrationError: result.test?.calibrationError,
      ensembleAccuracy: result.ensemble?.accuracy,
      ensembleLoss: result.ensemble?.loss,
      ensembleCalibrationError: result.ensemble?.calibrationError,
      selection: result.selection,
      imagesPerSecond: (steps * batchSize) / trainingSeconds,
      seconds: elapsed(),
      profile: session.profile?.take(),
    };
  }

  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }

  /** The run to go on with; undefined where there is none. Throws for one that nobody asked to continue: nothing may be lost. */
  async #openCheckpoint(): Promise<Checkpoint | undefined> {
    const { checkpoint, resume = false } = this.#options;
    const saved = await checkpoint?.load();
    if (checkpoint !== undefined && saved !== undefined && !resume)
      throw argumentError('checkpoint', checkpoint.name, 'an empty place: it holds a run; resume it, or choose another place');
    return saved;
  }

  /** Epochs of a new run: those asked for, or as many as fit in the time budget. */
  #plan(parts: Parts, begin: number, pace: Pace): number | Promise<number> {
    const { timeBudget, epochs, batchSize, evaluateEvery, logTest, test, method, samples, batchNormStatistics, exportDraw } =
      this.#settings;
    if (timeBudget === undefined) return epochs;
    const { session, loader, stepsPerEpoch, validation, training } = parts;
    const tested = test?.length ?? 0;
    const reestimated = Math.min(REESTIMATE_BATCHES * batchSize, training.length);
    const voted = exportDraw !== 'sample' && method.stochastic && (test !== undefined || exportDraw === 'ensemble') ? samples : 0;
    const statistics = batchNormStatistics === 'reestimate' ? reestimated : 0;
    const chosen =
      typeof exportDraw === 'string'
        ? (exportDraw === 'sample' ? reestimated : statistics) + voted * (reestimated + tested)
        : exportDraw.images({ method, reestimated, statistics, tested, validation: validation?.length ?? 0 });
    const work = {
      budget: timeBudget - (performance.now() - begin) / 1000,
      batchSize,
      stepsPerEpoch,
      evaluatedPerEpoch: ((validation?.length ?? 0) + (logTest ? tested : 0) + statistics) / evaluateEvery,
      evaluatedAtEnd: chosen + tested,
    };
    return planEpochs(session, loader, work, pace);
  }

  async #build(pace: Pace): Promise<Parts> {
    const { train, validation: held, batchSize, seed, limitBatches, augmentation, normalization } = this.#settings;
    const { train: training, validation } = held > 0 ? validationSplit(train, held, seed) : { train, validation: undefined };
    const stepsPerEpoch = Math.min(Math.floor(training.length / batchSize), limitBatches);
    if (stepsPerEpoch < 1) {
      throw argumentError(
        'batchSize',
        batchSize,
        `at most the ${training.length} training samples: the last, partial batch of an epoch is dropped`,
      );
    }
    const { mean, std } = normalization ?? (await pace.run(measureStatistics(training)));
    const { shape, type, classes, labels } = train;
    const table = type === 'u8' ? normalizationTable(mean, std) : undefined;
    const { model, gradients, labelSmoothing, clipNorm, method, optimizer, realOptimizer } = this.#settings;
    const { runtime, module, threads = 'auto', logGradients } = this.#options;
    const session = await TrainingSession.create({
      model,
      input: { shape, type, table },
      classes,
      batchSize,
      gradients,
      logGradients,
      labelSmoothing,
      clipNorm,
      seed,
      method,
      optimizer,
      realOptimizer,
      trainingSamples: training.length,
      stepsPerEpoch,
      threads,
      runtime: { module, ...runtime },
      pace,
    });
    const loader = new BatchLoader(training, { batchSize, seed, augmentation });
    const input = { shape, type, mean, std, labels };
    return {
      session,
      training,
      validation,
      input,
      loader,
      evaluator: new Evaluator(session, { training, validation }, input, this.#settings),
      stepsPerEpoch,
    };
  }

  /** Evaluates the mode where that is due, and keeps it if it is the best, or the last where nothing tells. */
  async #endEpoch(parts: Parts, epoch: number, due: boolean, pace: Pace): Promise<{ validation?: Evaluation; test?: Evaluation }> {
    const { session, evaluator, validation: held } = parts;
    const { test, logTest } = this.#settings;
    session.requireFinite();
    const [validation, tested] = due ? await evaluator.evaluateMode([held, logTest ? test : undefined], pace) : [];
    const accuracy = validation?.accuracy ?? 0;
    if (held === undefined || (due && (this.#kept === undefined || accuracy > this.#kept.accuracy)))
      this.#kept = { epoch, accuracy, copy: session.copy(session.modelBuffers()) };
    return { validation, test: tested };
  }

  #rates(step: number, steps: number, stepsPerEpoch: number, session: TrainingSession): Rates {
    const { learningRate, realLearningRate, schedule, warmup } = this.#settings;
    const factor = rateFactor(schedule, step, steps, Math.min(steps, Math.round(warmup * stepsPerEpoch)), session.runtime.math.cosTurn);
    return { latent: learningRate * factor, real: realLearningRate * factor };
  }
}
