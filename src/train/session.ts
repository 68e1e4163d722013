/**
 * A network in training: its memory, the states behind its weights, one step, one evaluation. The trainer decides when.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';
import { Runtime, type RuntimeOptions } from '../core/runtime.js';
import type { BatchLoader } from '../data/batch-loader.js';
import { type Dataset, requireLabels } from '../data/dataset.js';
import type { GradientType } from '../nn/gradient-format.js';
import type { GradientLogging } from '../nn/gradient-log.js';
import { Network, type NetworkInput } from '../nn/network.js';
import type { Sequential } from '../nn/sequential.js';
import type { KernelSet } from '../wasm/kernel-set.js';
import type { GradientClipping } from './clip-norm.js';
import { requireMemory } from './memory.js';
import type { BinaryState, Draw, NamedBuffer, NamedCounter, TrainingMethod } from './method.js';
import type { Optimizer, OptimizerState } from './optimizers/optimizer.js';
import type { Pace } from './pace.js';
import type { StepProfile } from './profile.js';
import { type Quality, QualityMeter } from './quality.js';
import { planThreads, type ThreadPlan } from './threads.js';

export interface SessionOptions {
  model: Sequential;
  input: NetworkInput;
  classes: number;
  batchSize: number;
  gradients: GradientType;
  /** Compare rounded gradients with exact ones. */
  logGradients?: GradientLogging;
  /** Default 0. */
  labelSmoothing?: number;
  clipNorm?: GradientClipping;
  seed: number;
  method: TrainingMethod;
  optimizer: Optimizer;
  realOptimizer: Optimizer;
  /** For methods that count them. Default 1. */
  trainingSamples?: number;
  /** Default 1. */
  stepsPerEpoch?: number;
  /** Default 1. */
  threads?: number | 'auto';
  runtime?: RuntimeOptions;
  /** Pauses while the states of many weights are made. */
  pace?: Pace;
}

export interface Rates {
  /** Of the latent weights. */
  latent: number;
  /** Of everything else. */
  real: number;
}

/** What a `NamedBuffer` holds. */
export type StateArray = Float32Array | Int16Array;

export interface Evaluation {
  /** Mean cross-entropy. */
  loss: number;
  /** 0..1. */
  accuracy: number;
}

export class TrainingSession {
  readonly runtime: Runtime;
  readonly network: Network;
  readonly threads: ThreadPlan;
  /** Set it to have training steps measured. */
  profile: StepProfile | undefined;
  readonly #states: BinaryState[] = [];
  readonly #logEvery: number;
  readonly #labelSmoothing: number;
  #clip: (() => void) | undefined;
  readonly #real: readonly { name: string; owner: string; gradient: number; state: OptimizerState }[];

  private constructor(runtime: Runtime, threads: ThreadPlan, options: SessionOptions) {
    const { model, input, classes, batchSize, gradients, logGradients, seed, realOptimizer, method } = options;
    this.#logEvery = logGradients?.every ?? Number.POSITIVE_INFINITY;
    this.#labelSmoothing = options.labelSmoothing ?? 0;
    this.runtime = runtime;
    this.threads = threads;
    const { scaled: scaledWeights, realWeights, products } = method;
    this.network = new Network(model, input, classes, {
      runtime,
      batchSize,
      gradients,
      logGradients,
      scaledWeights,
      realWeights,
      products,
      seed,
    });
    this.#real = this.network.realParameters.map(({ name, owner, data, gradient, size }) => ({
      name,
      owner,
      gradient,
      state: realOptimizer.init(runtime, { name, data, elements: Math.ceil(size / 4) * 4 }),
    }));
  }

  static async create(options: SessionOptions): Promise<TrainingSession> {
    const { method, optimizer, trainingSamples = 1, stepsPerEpoch = 1, seed, pace } = options;
    const { total, network } = requireMemory(options);
    const plan = planThreads(options.threads ?? 1, network.steps);
    const runtime = await Runtime.create({ ...options.runtime, threads: plan.threads, sets: kernelSets(options) });
    try {
      runtime.arena.reserve(total.total);
      const session = new TrainingSession(runtime, plan, options);
      for (const parameter of session.network.binaryParameters) {
        await pace?.pause();
        session.#states.push(method.init(parameter, { runtime, seed, optimizer, trainingSamples, stepsPerEpoch }));
      }
      session.#clip = options.clipNorm?.create(runtime, session.network);
      return session;
    } catch (error) {
      await runtime.stop();
      throw error;
    }
  }

  /** Ends its threads. What is asked of it later runs on one. */
  stop(): Promise<void> {
    return this.runtime.stop();
  }

  /** Behind the binary parameters, in their order. */
  get states(): readonly BinaryState[] {
    return this.#states;
  }

  draw(draw: Draw): void {
    for (const state of this.states) state.sample(draw);
  }

  /** One training step on the first `count` images of the network's memory; `steps`: of the whole run. */
  async step(count: number, step: number, steps: number, rates: Rates, pace: Pace): Promise<{ loss: number; correct: number }> {
    const { profile, runtime } = this;
    if (profile === undefined) return this.#step(count, step, steps, rates, pace);
    const start = performance.now();
    runtime.profiler = profile.profiler;
    try {
      return await this.#step(count, step, steps, rates, pace);
    } finally {
      runtime.profiler = undefined;
      profile.add(performance.now() - start, count);
    }
  }

  async #step(count: number, step: number, steps: number, rates: Rates, pace: Pace): Promise<{ loss: number; correct: number }> {
    const { network } = this;
    const { profiler } = this.runtime;
    const pass = { training: true, count, step, progress: step / steps, logGradients: step % this.#logEvery === 0 };
    this.states.forEach((state, i) => {
      profiler?.enter(network.binaryParameters[i].owner, 'draw');
      state.sample({ kind: 'train', step, progress: step / steps });
    });
    await pace.run(network.forward(pass));
    const result = network.loss(count, this.#labelSmoothing);
    if (!Number.isFinite(result.loss)) {
      throw new BitgaussError(
        'numeric',
        `training: the loss is ${result.loss} at step ${step}; lower the learning rates (now ${rates.latent} and ${rates.real}) or the weight decay`,
      );
    }
    await pace.run(network.backward(pass));
    this.#clip?.();
    for (const [i, state] of this.states.entries()) {
      profiler?.enter(network.binaryParameters[i].owner, 'update');
      await pace.run(state.update(rates.latent, { kind: 'train', step: step + 1, progress: (step + 1) / steps }));
      await pace.pause();
    }
    for (const { owner, gradient, state } of this.#real) {
      profiler?.enter(owner, 'update');
      state.update(gradient, 1, rates.real);
      await pace.pause();
    }
    return result;
  }

  /**
   * Batch norm for the weights as they are drawn now: running statistics become the mean over training batches, forward only.
   * `order`: samples in batches of `batchSize`, taken from `loader` as those of `epoch`.
   */
  async reestimate(loader: BatchLoader, order: Uint32Array, batchSize: number, epoch: number, pace: Pace): Promise<void> {
    for (let k = 0; (k + 1) * batchSize <= order.length; k++) {
      loader.begin(order.subarray(k * batchSize, (k + 1) * batchSize), epoch);
      const count = loader.take(this.network.batchViews());
      await pace.run(this.network.forward({ training: true, count, step: 0, averaging: 1 / (k + 1) }));
    }
  }

  /** Loss and accuracy with the weights of one draw, in evaluation mode. */
  async evaluate(dataset: Dataset, draw: Draw, pace: Pace): Promise<Evaluation> {
    this.draw(draw);
    let loss = 0;
    let correct = 0;
    for (const indices of inOrder(dataset.length, this.network.capacity)) {
      const result = await this.#forward(dataset, indices, pace);
      loss += result.loss * indices.length;
      correct += result.correct;
    }
    requireLoss(loss);
    return { loss: loss / dataset.length, accuracy: correct / dataset.length };
  }

  /** Adds the logits of all samples, with the weights as they are drawn now, to sums f64 [samples][classes]. */
  async addLogits(dataset: Dataset, sums: Float64Array, pace: Pace): Promise<void> {
    const { classes, capacity } = this.network;
    for (const indices of inOrder(dataset.length, capacity)) {
      await this.#forward(dataset, indices, pace);
      const logits = this.network.logits(indices.length);
      for (let i = 0; i < logits.length; i++) sums[indices[0] * classes + i] += logits[i];
    }
  }

  /** How good the predictions softmax(sums / networks) are; sums f64 [samples][classes], of the logits of so many networks. */
  quality(dataset: Dataset, sums: Float64Array, networks: number): Quality {
    const { classes, capacity } = this.network;
    const quality = new QualityMeter(this.runtime.math);
    for (const indices of inOrder(dataset.length, capacity)) {
      this.#read(dataset, indices);
      const { labels } = this.network.batchViews();
      indices.forEach((sample, i) => {
        quality.add(
          sums.subarray(sample * classes, (sample + 1) * classes).map((sum) => sum / networks),
          labels[i],
        );
      });
    }
    const result = quality.result();
    requireLoss(result.loss);
    return result;
  }

  /** Reads samples into the network's memory. */
  #read(dataset: Dataset, indices: Uint32Array): void {
    const views = this.network.batchViews();
    dataset.read(indices, views);
    requireLabels(this.network.classes, indices, views.labels);
  }

  async #forward(dataset: Dataset, indices: Uint32Array, pace: Pace): Promise<{ loss: number; correct: number }> {
    this.#read(dataset, indices);
    await pace.run(this.network.forward({ training: false, count: indices.length, step: 0 }));
    return this.network.loss(indices.length);
  }

  /** Running statistics of batch norm. */
  statistics(): NamedBuffer[] {
    return this.network.steps
      .flatMap((step) => step.buffers?.() ?? [])
      .map(({ name, pointer, size }) => ({ name, pointer, elements: size }));
  }

  /** Everything that makes up the trained network: parameters, running statistics, the states behind binary weights. */
  modelBuffers(): NamedBuffer[] {
    return [...this.#networkBuffers(), ...this.states.flatMap((state) => state.state())];
  }

  /** Everything that a run needs to go on, beside the counters: the model and the state of the optimizers. */
  checkpointBuffers(): NamedBuffer[] {
    return [
      ...this.#networkBuffers(),
      ...this.states.flatMap((state) => state.checkpoint().buffers),
      ...this.#real.flatMap(({ name, state }) => state.buffers().map((buffer) => ({ ...buffer, name: `${name}.${buffer.name}` }))),
    ];
  }

  /** Whole numbers that belong to it, by name: steps of the optimizers, counts of signs. */
  counters(): Record<string, number> {
    return Object.fromEntries(this.#counters().map(({ name, get }) => [name, get()]));
  }

  setCounters(counters: Readonly<Record<string, number>>): void {
    for (const { name, set } of this.#counters()) set(counters[name]);
  }

  /** Throws if a number of the model is none: signs hide it, and it would spread. */
  requireFinite(): void {
    for (const buffer of this.modelBuffers()) {
      const { name } = buffer;
      const bad = this.view(buffer).findIndex((value) => !Number.isFinite(value));
      if (bad !== -1)
        throw new BitgaussError('numeric', `${name}: number ${bad} is not finite any more; lower the learning rates or the weight decay`);
    }
  }

  /** The array itself, until memory grows. */
  view({ type, pointer, elements }: NamedBuffer): StateArray {
    return this.runtime.arena[type ?? 'f32'](pointer, elements);
  }

  copy(buffers: readonly NamedBuffer[]): StateArray[] {
    return buffers.map((buffer) => this.view(buffer).slice());
  }

  /** What the network itself holds: real parameters and running statistics. */
  #networkBuffers(): NamedBuffer[] {
    return [...this.network.realParameters.map(({ name, data, size }) => ({ name, pointer: data, elements: size })), ...this.statistics()];
  }

  #counters(): NamedCounter[] {
    return [
      ...this.states.flatMap((state) => state.checkpoint().counters),
      ...this.#real.map(({ name, state }) => ({
        name: `${name}.steps`,
        get: () => state.steps,
        set: (n: number) => {
          state.steps = n;
        },
      })),
    ];
  }

  /** Overwrites buffers with a copy that was taken of them. */
  restore(buffers: readonly NamedBuffer[], copy: readonly StateArray[]): void {
    buffers.forEach((buffer, i) => {
      this.view(buffer).set(copy[i]);
    });
    for (const state of this.states) state.invalidate();
  }
}

/** Throws unless an evaluation's loss is a number. */
function requireLoss(loss: number): void {
  if (!Number.isFinite(loss))
    throw new BitgaussError('numeric', `evaluation: the loss is ${loss}; the weights have overflowed, lower the learning rates`);
}

/** What the method and the layers run beside the training binary, each once. */
function kernelSets({ method, clipNorm, model }: SessionOptions): KernelSet[] {
  const sets = [method.kernels, clipNorm?.kernels, ...model.layers.map((layer) => ('kernels' in layer ? layer.kernels : undefined))];
  return [...new Set(sets.filter((set) => set !== undefined))];
}

/** Indices 0 … length - 1 in batches. */
function* inOrder(length: number, batchSize: number): Generator<Uint32Array> {
  for (let start = 0; start < length; start += batchSize) {
    yield Uint32Array.from({ length: Math.min(batchSize, length - start) }, (_, i) => start + i);
  }
}
