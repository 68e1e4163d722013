/**
 * The options of a training run: defaults and checks, all before anything is built.
 *
 * @module
 */
import { argumentError, requireInteger, requireNumber, requireOneOf } from '../core/errors.js';
import type { RuntimeOptions } from '../core/runtime.js';
import type { Augmentation } from '../data/augment.js';
import type { Dataset } from '../data/dataset.js';
import type { ChannelStatistics } from '../data/statistics.js';
import { type GradientType, gradientTypes } from '../nn/gradient-format.js';
import type { GradientLogging } from '../nn/gradient-log.js';
import type { Sequential } from '../nn/sequential.js';
import type { Checkpoints } from './checkpoint.js';
import type { GradientClipping } from './clip-norm.js';
import type { ExportChoice } from './exports/choice.js';
import type { TrainingMethod } from './method.js';
import { ste } from './methods/ste.js';
import { adamw } from './optimizers/adamw.js';
import { muon } from './optimizers/muon.js';
import type { Optimizer } from './optimizers/optimizer.js';
import type { Profiling } from './profile.js';
import { type Schedule, scheduleNames } from './schedule.js';
import { requireThreads } from './threads.js';

export interface TrainOptions {
  /** The network, or a function that makes one for a number of classes: `convnet`. */
  model: Sequential | ((options: { classes: number }) => Sequential);
  /** The test set is evaluated at the end; it selects nothing. `augmentation` is the customary one of the data set. */
  data: { train: Dataset; test?: Dataset; augmentation?: Augmentation };
  /** Behind the binary weights. Default `ste()`. */
  method?: TrainingMethod;
  /** Of the latent weights. Default `muon()`. Without effect on methods with an update of their own (`bop`, `bayesbinn`, `adaste`). */
  optimizer?: Optimizer;
  /** Of everything else. Default `adamw()`. */
  realOptimizer?: Optimizer;
  /** Peak rate of the latent weights. Default: that of the method's own update, or of the optimizer; 0.002 for adamw, 0.01 for nsgd and muon. */
  learningRate?: number;
  /** Peak rate of everything else. Default 0.002. */
  realLearningRate?: number;
  /** Linear warm-up, in epochs. Default 0.5; then the schedule. */
  warmup?: number;
  /** How the rates fall: 'cosine' or 'linear' to 0, 'step' by `decay` at every milestone, or 'constant'. Default 'cosine'. */
  schedule?: Schedule['name'];
  /** For 'step': shares of the run behind the warm-up, 0..1, in rising order. Default [0.5, 0.75]. */
  milestones?: readonly number[];
  /** For 'step': what the rates are multiplied by, above 0 and up to 1. Default 0.1. */
  decay?: number;
  /** `clipNorm(norm)`: gradients are scaled down to a norm, those of binary weights and those of everything else. Default: as they are. */
  clipNorm?: GradientClipping;
  /** Share of the target that all classes have alike, from 0 to below 1; evaluation is without it. Default 0. */
  labelSmoothing?: number;
  /** Default 10; not together with `timeBudget`. */
  epochs?: number;
  /** Seconds that training and evaluation may take: steps are measured first, then as many epochs are planned as fit. */
  timeBudget?: number;
  /** Default 128, or all training samples if there are fewer. Memory is used in groups of 64 images, so 100 costs as much as 128. */
  batchSize?: number;
  /** Samples held out for choosing the best epoch. Default: the last 10 % of a seeded shuffle. 0: train on all and keep the last epoch. */
  validation?: number;
  /** Evaluate after every so many epochs, and after the last. Default 1. */
  evaluateEvery?: number;
  /** Evaluate the test set then, too, for the record; it selects nothing. Default false. */
  logTest?: boolean;
  /** Ends every epoch after this many batches. */
  limitBatches?: number;
  /** How training images are changed, anew in every epoch; 'none' turns off the data set's own. Default: `data.augmentation`. */
  augmentation?: Augmentation | 'none';
  /** Mean and deviation of pixels scaled to 0..1: 'measured' on the training split (default), 'imagenet' (three channels), or numbers per channel. */
  normalization?: 'measured' | 'imagenet' | ChannelStatistics;
  /**
   * Batch norm in evaluation: 'running' averages (default), or 'reestimate': statistics of 40 training batches with the very weights that are
   * evaluated. While the learning rate is high, signs change faster than running averages follow. Samples and members of an ensemble are
   * always re-estimated.
   */
  batchNormStatistics?: 'running' | 'reestimate';
  /**
   * Number format of the gradients of binary layers: 'int16' (default), 'int8' and 'int8-fast' with fewer bits and faster, or 'f32', exact.
   */
  gradients?: GradientType;
  /** Members of the ensemble that is evaluated, or exported, at the end. Default 10; 0: none. */
  samples?: number;
  /** Whole number from 0. Default 0. The same seed gives the same bytes. */
  seed?: number;
  /**
   * What the file holds: the 'mode' (default), one 'sample', an 'ensemble' of the mode and `samples` sampled nets, `bestOf(n)`, the best of n samples on
   * the validation split, or `sigmaPoints()`, the mode and the method's sigma points as an ensemble.
   */
  exportDraw?: 'mode' | 'sample' | 'ensemble' | ExportChoice;
  /** Where the run is saved after every epoch: `checkpointDirectory(path)`, or `checkpointStore(store)`. */
  checkpoint?: Checkpoints;
  /** Go on with the run that the store holds, or begin if it is empty. Without it, a store that holds a run is refused. Default false. */
  resume?: boolean;
  /** Aborting makes the iteration throw the signal's reason; `exportModel` then gives the best epoch so far. */
  signal?: AbortSignal;
  /**
   * 'auto' (default): the machine's cores, as far as they help, and 1 where the host has no shared memory; or a number from 1 to 64. The result is the same,
   * byte for byte.
   */
  threads?: number | 'auto';
  /**
   * `gradientLog()`: every 100 steps, compare the rounded gradients of binary layers with the exact ones: `gradients` events. Takes memory for the
   * exact gradients of the largest layer, and about a second for each comparison in VGG-Small. Not with 'f32'. Default: none.
   */
  logGradients?: GradientLogging;
  /** `profiler()`: measure where the time of training steps goes; `done` then has a `profile`. Default: none. */
  profile?: Profiling;
  /**
   * `bitgauss/wasm/training.wasm`: a module, its bytes or a response, or a promise of one: `fetch(url)`. A module needs a host with shared memory.
   * Default: the one that comes with the package.
   */
  module?: RuntimeOptions['module'];
  /** How kernels are run; for tests. */
  runtime?: RuntimeOptions;
}

/** Mean and deviation of ImageNet's training images, as every published recipe rounds them. */
const IMAGENET: ChannelStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Options with their defaults. */
export interface Settings {
  model: Sequential;
  train: Dataset;
  test: Dataset | undefined;
  augmentation: Augmentation | undefined;
  /** Undefined: to be measured. */
  normalization: ChannelStatistics | undefined;
  method: TrainingMethod;
  optimizer: Optimizer;
  realOptimizer: Optimizer;
  learningRate: number;
  realLearningRate: number;
  warmup: number;
  schedule: Schedule;
  clipNorm: GradientClipping | undefined;
  labelSmoothing: number;
  epochs: number;
  timeBudget: number | undefined;
  batchSize: number;
  validation: number;
  evaluateEvery: number;
  logTest: boolean;
  limitBatches: number;
  batchNormStatistics: 'running' | 'reestimate';
  gradients: GradientType;
  samples: number;
  seed: number;
  exportDraw: 'mode' | 'sample' | 'ensemble' | ExportChoice;
}

/** The network to train: the given one, or what the method makes of it. */
function modelOf({ model, data, method }: TrainOptions): Sequential {
  const given = typeof model === 'function' ? model({ classes: data.train.classes }) : model;
  return Array.isArray(given?.layers) && typeof method?.model === 'function' ? method.model(given) : given;
}

export function withDefaults(options: TrainOptions): Settings {
  if (typeof options !== 'object' || options === null) throw argumentError('train', options, 'an object of options with model and data');
  const { data } = options;
  if (typeof data?.train?.read !== 'function')
    throw argumentError('data.train', data?.train, 'a data set, such as arrayDataset({ images, labels, shape })');
  if (options.epochs !== undefined && options.timeBudget !== undefined)
    throw argumentError('timeBudget', options.timeBudget, 'no epochs beside it: the budget decides how many there are');
  const held = options.validation ?? Math.floor(data.train.length / 10);
  const optimizer = options.optimizer ?? muon();
  const method = options.method ?? ste();
  const settings: Settings = {
    model: modelOf(options),
    train: data.train,
    test: data.test,
    augmentation: options.augmentation === 'none' ? undefined : (options.augmentation ?? data.augmentation),
    normalization: normalizationOf(options),
    method,
    optimizer,
    realOptimizer: options.realOptimizer ?? adamw(),
    learningRate: options.learningRate ?? method.learningRate ?? optimizer.learningRate ?? 0.002,
    realLearningRate: options.realLearningRate ?? 0.002,
    warmup: options.warmup ?? 0.5,
    schedule: {
      name: options.schedule ?? 'cosine',
      milestones: options.milestones ?? [0.5, 0.75],
      decay: options.decay ?? 0.1,
    },
    clipNorm: options.clipNorm,
    labelSmoothing: options.labelSmoothing ?? 0,
    epochs: options.epochs ?? 10,
    timeBudget: options.timeBudget,
    batchSize: options.batchSize ?? Math.max(1, Math.min(128, data.train.length - held)),
    validation: held,
    evaluateEvery: options.evaluateEvery ?? 1,
    logTest: options.logTest ?? false,
    limitBatches: options.limitBatches ?? Number.MAX_SAFE_INTEGER,
    batchNormStatistics: options.batchNormStatistics ?? method.batchNormStatistics ?? (method.realWeights ? 'reestimate' : 'running'),
    gradients: options.gradients ?? (method.realWeights ? 'f32' : 'int16'),
    samples: options.samples ?? 10,
    seed: options.seed ?? 0,
    exportDraw: options.exportDraw ?? 'mode',
  };
  check(settings, options);
  return settings;
}

function check(settings: Settings, options: TrainOptions): void {
  if (!Array.isArray(settings.model?.layers))
    throw argumentError('model', options.model, 'sequential([...]) or a function that returns one, such as convnet');
  requireOption('method', settings.method, 'init', 'a method such as vispa()');
  for (const name of ['optimizer', 'realOptimizer'] as const) requireOption(name, settings[name], 'init', 'an optimizer such as adamw()');
  requireOption('augmentation', settings.augmentation, 'apply', "an augmentation such as cropFlip(), or 'none'");
  requireOption('checkpoint', options.checkpoint, 'load', 'checkpointDirectory(path) or checkpointStore({ name, read, write })');
  requireOption('logGradients', options.logGradients, 'create', 'gradientLog()');
  requireOption('clipNorm', settings.clipNorm, 'create', 'clipNorm(norm)');
  requireOption('profile', options.profile, 'start', 'profiler()');
  requireNumber('learningRate', settings.learningRate, 0);
  requireNumber('realLearningRate', settings.realLearningRate, 0);
  requireNumber('warmup', settings.warmup, 0);
  checkSchedule(settings.schedule);
  if (!(settings.labelSmoothing >= 0 && settings.labelSmoothing < 1))
    throw argumentError('labelSmoothing', settings.labelSmoothing, 'a number from 0 to below 1');
  requireInteger('epochs', settings.epochs, 1);
  if (settings.timeBudget !== undefined) requireNumber('timeBudget', settings.timeBudget, 1);
  requireInteger('batchSize', settings.batchSize, 1, 65536);
  requireInteger('validation', settings.validation, 0, settings.train.length - 1);
  requireInteger('evaluateEvery', settings.evaluateEvery, 1);
  requireInteger('samples', settings.samples, 0, 4096);
  requireInteger('seed', settings.seed, 0);
  requireInteger('limitBatches', settings.limitBatches, 1);
  requireOneOf('gradients', settings.gradients, gradientTypes());
  requireOneOf('batchNormStatistics', settings.batchNormStatistics, ['running', 'reestimate']);
  const { exportDraw, method } = settings;
  const choice = typeof exportDraw === 'object' ? exportDraw : undefined;
  if (typeof choice?.choose !== 'function' && !['mode', 'sample', 'ensemble'].includes(exportDraw as string))
    throw argumentError('exportDraw', exportDraw, "'mode', 'sample', 'ensemble', bestOf(n) or sigmaPoints()");
  if (exportDraw !== 'mode' && !method.stochastic)
    throw argumentError(
      'exportDraw',
      choice?.name ?? exportDraw,
      `'mode': all samples of ${method.name} with these options are the same network`,
    );
  choice?.check(settings);
  if (exportDraw === 'ensemble') {
    if (settings.samples < 1) throw argumentError('samples', settings.samples, 'at least 1, the members of the exported ensemble');
  }
  if (method.realWeights !== undefined && settings.gradients !== 'f32')
    throw argumentError('gradients', settings.gradients, `'f32': the weights of ${method.name} are real numbers in training`);
  if (options.logGradients !== undefined && settings.gradients === 'f32')
    throw argumentError('logGradients', options.logGradients, "gradients that are rounded: 'int16', 'int8' or 'int8-fast', not 'f32'");
  requireThreads(options.threads ?? 'auto');
  if (settings.test !== undefined) checkTest(settings.train, settings.test);
}

/** Throws unless `value` has the function `call`, or is not given. */
function requireOption(name: string, value: unknown, call: string, expected: string): void {
  if (value !== undefined && typeof (value as Record<string, unknown> | null)?.[call] !== 'function')
    throw argumentError(name, value, expected);
}

function checkSchedule({ name, milestones, decay }: Schedule): void {
  requireOneOf('schedule', name, scheduleNames());
  const rising = (share: number, i: number): boolean => share >= (i === 0 ? 0 : milestones[i - 1]) && share <= 1;
  if (!Array.isArray(milestones) || !milestones.every(rising))
    throw argumentError('milestones', milestones, 'shares of the run from 0 to 1 in rising order, such as [0.5, 0.75]');
  if (!(decay > 0 && decay <= 1)) throw argumentError('decay', decay, 'a number above 0 and up to 1');
}

function checkTest(train: Dataset, test: Dataset): void {
  if (typeof test?.read !== 'function') throw argumentError('data.test', test, 'a data set, or nothing');
  const { shape, classes, type } = test;
  if (JSON.stringify([shape, classes, type]) !== JSON.stringify([train.shape, train.classes, train.type]))
    throw argumentError(
      'data.test',
      [shape.height, shape.width, shape.channels, classes, type],
      'the shape, classes and type of data.train',
    );
}

function normalizationOf({ normalization = 'measured', data }: TrainOptions): ChannelStatistics | undefined {
  if (normalization === 'measured') return undefined;
  const { type, shape } = data.train;
  if (type !== 'u8') throw argumentError('normalization', normalization, "'measured': numbers of type 'f32' are taken as they are");
  const { mean, std } = normalization === 'imagenet' ? IMAGENET : (normalization ?? {});
  const fits = (values: unknown): boolean =>
    Array.isArray(values) && values.length === shape.channels && values.every((value) => Number.isFinite(value));
  if (!fits(mean) || !fits(std) || !std.every((value) => value > 0))
    throw argumentError(
      'normalization',
      normalization,
      `'measured'${shape.channels === 3 ? ", 'imagenet'" : ''} or { mean, std } with ${shape.channels} numbers each, one per channel, std above 0`,
    );
  return { mean: [...mean], std: [...std] };
}
