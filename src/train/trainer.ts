/**
 * The training loop, only the loop: `for await (const event of train({ … }))`.
 *
 * @module
 */
import { argumentError, BitgaussError, requireInteger, requireNumber, requireOneOf } from '../core/errors.js';
import { normalizationTable } from '../core/normalization.js';
import type { RuntimeOptions } from '../core/runtime.js';
import type { Dataset } from '../data/dataset.js';
import { shuffledIndices, validationSplit } from '../data/loader.js';
import { measureStatistics } from '../data/statistics.js';
import { type ExportInput, exportModel } from '../export/export-model.js';
import type { GradientType } from '../nn/layer.js';
import type { Sequential } from '../nn/sequential.js';
import type { DoneEvent, EpochEvent, LayerReport, TrainEvent } from './events.js';
import type { Draw, TrainingMethod } from './method.js';
import { ste } from './methods/ste.js';
import { adamw } from './optimizers/adamw.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { Pace } from './pace.js';
import { warmupCosine } from './schedule.js';
import { type Rates, TrainingSession } from './session.js';

export interface TrainOptions {
  /** The network, or a function that makes one for a number of classes: `convnet`. */
  model: Sequential | ((options: { classes: number }) => Sequential);
  /** The test set is evaluated once, at the end; it selects nothing. */
  data: { train: Dataset; test?: Dataset };
  /** Behind the binary weights. Default `ste()`. */
  method?: TrainingMethod;
  /** Of the latent weights. Default `adamw()`. */
  optimizer?: Optimizer;
  /** Of everything else. Default `adamw()`. */
  realOptimizer?: Optimizer;
  /** Peak rate of the latent weights. Default 0.002. */
  learningRate?: number;
  /** Peak rate of everything else. Default: `learningRate`. */
  realLearningRate?: number;
  /** Linear warm-up, in epochs. Default 0.5; then a half-cosine to 0. */
  warmup?: number;
  /** Default 10. */
  epochs?: number;
  /** Default 128, or all training samples if there are fewer. Memory is used in groups of 64 images, so 100 costs as much as 128. */
  batchSize?: number;
  /** Samples held out for choosing the best epoch. Default: the last 10 % of a seeded shuffle. 0: train on all and keep the last epoch. */
  validation?: number;
  /** Ends every epoch after this many batches. */
  limitBatches?: number;
  /** Number format of the gradients of binary layers. Default 'int16'. */
  gradients?: GradientType;
  /** Members of the ensemble that is evaluated at the end. Default 10; 0: none. */
  samples?: number;
  /** Whole number from 0. Default 0. The same seed gives the same bytes. */
  seed?: number;
  /** Which weights are exported and tested: 'mode' (default) or one 'sample'. */
  exportDraw?: 'mode' | 'sample';
  /** Aborting makes the iteration throw the signal's reason; `exportModel` then gives the best epoch so far. */
  signal?: AbortSignal;
  /** How kernels are run; for tests. */
  runtime?: RuntimeOptions;
}

/** A training run: iterate over it once for its events; then, or after an abort, take the model. */
export interface Trainer extends AsyncIterable<TrainEvent> {
  /**
   * The bytes of the model file. When the run has ended, or was aborted: the kept epoch, or the last weights if there is none. Between two events: the
   * weights as they are. Throws while a step is under way.
   */
  exportModel(): Uint8Array<ArrayBuffer>;
  /** The epoch that is kept so far; undefined before the first one has ended. */
  readonly keptEpoch: number | undefined;
}

/** Trains a network. Nothing runs before the first event is asked for; arguments are checked at once. */
export function train(options: TrainOptions): Trainer {
  return new TrainingRun(options);
}

/** Trains to the end and returns the model file's bytes with the last event and the epochs' events. Rejects with the signal's reason on abort. */
export async function fit(
  options: TrainOptions & { onEvent?: (event: TrainEvent) => void },
): Promise<{ model: Uint8Array<ArrayBuffer>; result: DoneEvent; history: EpochEvent[] }> {
  const trainer = train(options);
  const history: EpochEvent[] = [];
  for await (const event of trainer) {
    options.onEvent?.(event);
    if (event.type === 'epoch') history.push(event);
    if (event.type === 'done') return { model: trainer.exportModel(), result: event, history };
  }
  throw new BitgaussError('aborted', 'training ended without a result');
}

type Settings = Required<Omit<TrainOptions, 'signal' | 'limitBatches' | 'runtime' | 'model'>> & { model: Sequential };

class TrainingRun implements Trainer {
  readonly #options: TrainOptions;
  readonly #settings: Settings;
  #session: TrainingSession | undefined;
  #input: ExportInput | undefined;
  #started = false;
  #keptEpoch: number | undefined;
  #busy = false;

  constructor(options: TrainOptions) {
    this.#options = options;
    this.#settings = withDefaults(options);
  }

  get keptEpoch(): number | undefined {
    return this.#keptEpoch;
  }

  exportModel(): Uint8Array<ArrayBuffer> {
    if (this.#session === undefined || this.#input === undefined)
      throw new BitgaussError('argument', 'exportModel: nothing was trained yet; iterate over the trainer first');
    // A paused step goes on with the signs that it began with.
    if (this.#busy) throw new BitgaussError('argument', 'exportModel: a step is under way; call it between two events, or after the run');
    for (const state of this.#session.states) state.finalize(this.#draw());
    return exportModel(this.#session.network, this.#input);
  }

  async #exclusive<T>(work: Promise<T>): Promise<T> {
    this.#busy = true;
    try {
      return await work;
    } finally {
      this.#busy = false;
    }
  }

  #draw(): Draw {
    return this.#settings.exportDraw === 'sample' ? { kind: 'sample', index: 0 } : { kind: 'mode' };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TrainEvent, void, undefined> {
    if (this.#started) throw new BitgaussError('argument', 'train: a run can be iterated over once; call train() again');
    this.#started = true;
    const { model, data, method, epochs, batchSize, seed, gradients, optimizer, realOptimizer, samples } = this.#settings;
    const { signal, limitBatches = Number.POSITIVE_INFINITY } = this.#options;
    signal?.throwIfAborted();
    const begin = performance.now();
    const pace = new Pace(signal);
    const held = this.#settings.validation;
    const { train: training, validation } =
      held > 0 ? validationSplit(data.train, held, seed) : { train: data.train, validation: undefined };
    const stepsPerEpoch = Math.min(Math.floor(training.length / batchSize), limitBatches);
    if (stepsPerEpoch < 1) {
      throw argumentError(
        'batchSize',
        batchSize,
        `at most the ${training.length} training samples: the last, partial batch of an epoch is dropped`,
      );
    }
    const { mean, std } = await pace.run(measureStatistics(training));
    const { shape, type, classes } = data.train;
    this.#input = { shape, type, mean, std, labels: data.train.labels };
    const table = type === 'u8' ? normalizationTable(mean, std) : undefined;
    const session = await TrainingSession.create({
      model,
      input: { shape, type, table },
      classes,
      batchSize,
      gradients,
      seed,
      method,
      optimizer,
      realOptimizer,
      runtime: this.#options.runtime,
      pace,
    });
    this.#session = session;
    yield {
      type: 'start',
      model: model.name,
      method: method.name,
      train: training.length,
      validation: held,
      test: data.test?.length ?? 0,
      epochs,
      stepsPerEpoch,
      batchSize,
      parameters: [...session.network.realParameters, ...session.network.binaryParameters].reduce((sum, { size }) => sum + size, 0),
      binaryParameters: session.network.binaryParameters.reduce((sum, { size }) => sum + size, 0),
      warnings: this.#warnings(),
    };

    let kept: { epoch: number; accuracy: number; snapshot: Float32Array[] } | undefined;
    let trainingSeconds = 0;
    const steps = epochs * stepsPerEpoch;
    try {
      for (let epoch = 0; epoch < epochs; epoch++) {
        const epochBegin = performance.now();
        const order = shuffledIndices(training.length, seed, epoch);
        let [loss, correct, seconds] = [0, 0, 0];
        for (let batch = 0; batch < stepsPerEpoch; batch++) {
          const step = epoch * stepsPerEpoch + batch;
          const rates = this.#rates(step, steps, stepsPerEpoch, session);
          const stepBegin = performance.now();
          const samples = order.subarray(batch * batchSize, (batch + 1) * batchSize);
          const result = await this.#exclusive(session.step(training, samples, step, rates, pace));
          seconds += (performance.now() - stepBegin) / 1000;
          loss += result.loss / stepsPerEpoch;
          correct += result.correct;
          yield {
            type: 'batch',
            epoch,
            batch,
            batches: stepsPerEpoch,
            loss: result.loss,
            accuracy: result.correct / batchSize,
            learningRate: rates.latent,
          };
        }
        trainingSeconds += seconds;
        const layers = layerReports(session);
        const evaluation =
          validation !== undefined ? await this.#exclusive(session.evaluate(validation, { kind: 'mode' }, pace)) : undefined;
        const best = evaluation === undefined || kept === undefined || evaluation.accuracy > kept.accuracy;
        if (best) {
          kept = { epoch, accuracy: evaluation?.accuracy ?? 0, snapshot: session.snapshot() };
          this.#keptEpoch = epoch;
        }
        yield {
          type: 'epoch',
          epoch,
          epochs,
          loss,
          accuracy: correct / (stepsPerEpoch * batchSize),
          validationLoss: evaluation?.loss,
          validationAccuracy: evaluation?.accuracy,
          best,
          layers,
          imagesPerSecond: (stepsPerEpoch * batchSize) / seconds,
          seconds: (performance.now() - epochBegin) / 1000,
        };
      }
    } finally {
      if (kept !== undefined) session.restore(kept.snapshot); // also when aborted: the kept epoch is what gets exported
    }
    const test = data.test && (await this.#exclusive(session.evaluate(data.test, this.#draw(), pace)));
    const ensembleAccuracy =
      data.test && method.stochastic && samples > 0 ? await this.#exclusive(session.evaluateEnsemble(data.test, samples, pace)) : undefined;
    yield {
      type: 'done',
      epoch: kept?.epoch ?? epochs - 1,
      testAccuracy: test?.accuracy,
      testLoss: test?.loss,
      ensembleAccuracy,
      imagesPerSecond: (steps * batchSize) / trainingSeconds,
      seconds: (performance.now() - begin) / 1000,
    };
  }

  #rates(step: number, steps: number, stepsPerEpoch: number, session: TrainingSession): Rates {
    const { learningRate, realLearningRate, warmup } = this.#settings;
    const factor = warmupCosine(step, steps, Math.min(steps, Math.round(warmup * stepsPerEpoch)), session.runtime.math.cosTurn);
    return { latent: learningRate * factor, real: realLearningRate * factor };
  }

  #warnings(): string[] {
    const { batchSize } = this.#settings;
    const rounded = Math.ceil(batchSize / 64) * 64;
    return rounded === batchSize
      ? []
      : [`a batch of ${batchSize} costs as much time and memory as one of ${rounded}: images are computed in groups of 64`];
  }
}

function withDefaults(options: TrainOptions): Settings {
  if (typeof options !== 'object' || options === null) throw argumentError('train', options, 'an object of options with model and data');
  const { data, learningRate = 0.002 } = options;
  if (typeof data?.train?.read !== 'function')
    throw argumentError('data.train', data?.train, 'a data set, such as arrayDataset({ images, labels, shape })');
  const held = options.validation ?? Math.floor(data.train.length / 10);
  const settings: Settings = {
    method: ste(),
    optimizer: adamw(),
    realOptimizer: adamw(),
    warmup: 0.5,
    epochs: 10,
    batchSize: Math.max(1, Math.min(128, data.train.length - held)),
    validation: held,
    gradients: 'int16',
    samples: 10,
    seed: 0,
    exportDraw: 'mode',
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    data,
    learningRate,
    realLearningRate: options.realLearningRate ?? learningRate,
    model: typeof options.model === 'function' ? options.model({ classes: data.train.classes }) : options.model,
  };
  if (!Array.isArray(settings.model?.layers))
    throw argumentError('model', options.model, 'sequential([...]) or a function that returns one, such as convnet');
  for (const name of ['method', 'optimizer', 'realOptimizer'] as const) {
    if (typeof settings[name]?.init !== 'function')
      throw argumentError(name, options[name], name === 'method' ? 'a method such as vispa()' : 'an optimizer such as adamw()');
  }
  requireNumber('learningRate', settings.learningRate, 0);
  requireNumber('realLearningRate', settings.realLearningRate, 0);
  requireNumber('warmup', settings.warmup, 0);
  requireInteger('epochs', settings.epochs, 1);
  requireInteger('batchSize', settings.batchSize, 1, 65536);
  requireInteger('validation', settings.validation, 0, data.train.length - 1);
  requireInteger('samples', settings.samples, 0, 100000);
  requireInteger('seed', settings.seed, 0);
  requireOneOf('gradients', settings.gradients, ['int16', 'f32']);
  requireOneOf('exportDraw', settings.exportDraw, ['mode', 'sample']);
  if (options.limitBatches !== undefined) requireInteger('limitBatches', options.limitBatches, 1);
  if (data.test !== undefined) {
    if (typeof data.test?.read !== 'function') throw argumentError('data.test', data.test, 'a data set, or nothing');
    const { shape, classes, type } = data.test;
    const same = JSON.stringify([shape, classes, type]) === JSON.stringify([data.train.shape, data.train.classes, data.train.type]);
    if (!same)
      throw argumentError(
        'data.test',
        [shape.height, shape.width, shape.channels, classes, type],
        'the shape, classes and type of data.train',
      );
  }
  return settings;
}

function layerReports(session: TrainingSession): LayerReport[] {
  const reports: LayerReport[] = [];
  const binary = session.network.binaryParameters;
  for (const step of session.network.steps) {
    const deadActivations = step.deadActivations?.();
    const index = binary.findIndex((parameter) => step.parameters.includes(parameter));
    if (index >= 0) {
      const { flips, updates, differing, draws } = session.states[index].readCounts();
      const { size } = binary[index];
      reports.push({
        name: step.name,
        flips: flips / Math.max(1, updates) / size,
        sampleFlips: draws > 0 ? differing / draws / size : undefined,
      });
    } else if (deadActivations !== undefined) reports.push({ name: step.name, deadActivations });
  }
  return reports;
}
