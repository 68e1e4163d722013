/**
 * A network in training: its memory, the states behind its weights, one step, one evaluation. The trainer decides when.
 *
 * @module
 */
import { argmax } from '../core/argmax.js';
import { BitgaussError } from '../core/errors.js';
import { Runtime, type RuntimeOptions } from '../core/runtime.js';
import type { Dataset } from '../data/dataset.js';
import type { GradientType } from '../nn/layer.js';
import { Network, type NetworkInput } from '../nn/network.js';
import type { Sequential } from '../nn/sequential.js';
import { requireMemory } from './memory.js';
import type { BinaryState, Draw, TrainingMethod } from './method.js';
import type { Optimizer, OptimizerState } from './optimizers/optimizer.js';
import type { Pace } from './pace.js';

export interface SessionOptions {
  model: Sequential;
  input: NetworkInput;
  classes: number;
  batchSize: number;
  gradients: GradientType;
  seed: number;
  method: TrainingMethod;
  optimizer: Optimizer;
  realOptimizer: Optimizer;
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

export interface Evaluation {
  /** Mean cross-entropy. */
  loss: number;
  /** 0..1. */
  accuracy: number;
}

export class TrainingSession {
  readonly runtime: Runtime;
  readonly network: Network;
  readonly #states: BinaryState[] = [];
  readonly #real: readonly { gradient: number; state: OptimizerState }[];

  private constructor(runtime: Runtime, options: SessionOptions) {
    const { model, input, classes, batchSize, gradients, seed, realOptimizer } = options;
    this.runtime = runtime;
    this.network = new Network(model, input, classes, { runtime, batchSize, gradients, seed });
    this.#real = this.network.realParameters.map(({ name, data, gradient, size }) => ({
      gradient,
      state: realOptimizer.init(runtime, { name, data, elements: Math.ceil(size / 4) * 4 }),
    }));
  }

  static async create(options: SessionOptions): Promise<TrainingSession> {
    const { method, optimizer, seed, pace } = options;
    const { total } = requireMemory(options);
    const runtime = await Runtime.create(options.runtime);
    runtime.arena.reserve(total.total);
    const session = new TrainingSession(runtime, options);
    for (const parameter of session.network.binaryParameters) {
      await pace?.pause();
      session.#states.push(method.init(parameter, { runtime, seed, optimizer }));
    }
    return session;
  }

  /** Behind the binary parameters, in their order. */
  get states(): readonly BinaryState[] {
    return this.#states;
  }

  draw(draw: Draw): void {
    for (const state of this.states) state.sample(draw);
  }

  /** One training step on the samples `indices` of the dataset. */
  async step(dataset: Dataset, indices: Uint32Array, step: number, rates: Rates, pace: Pace): Promise<{ loss: number; correct: number }> {
    const { network } = this;
    const count = indices.length;
    const pass = { training: true, count, step };
    this.#read(dataset, indices);
    this.draw({ kind: 'train', step });
    await pace.run(network.forward(pass));
    const result = network.loss(count);
    if (!Number.isFinite(result.loss)) {
      throw new BitgaussError(
        'numeric',
        `training: the loss is ${result.loss} at step ${step}; lower the learning rates (now ${rates.latent} and ${rates.real})`,
      );
    }
    await pace.run(network.backward(pass));
    for (const state of this.states) {
      state.update(rates.latent);
      await pace.pause();
    }
    for (const { gradient, state } of this.#real) {
      state.update(gradient, 1, rates.real);
      await pace.pause();
    }
    return result;
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
    if (!Number.isFinite(loss))
      throw new BitgaussError('numeric', `evaluation: the loss is ${loss}; the weights have overflowed, lower the learning rates`);
    return { loss: loss / dataset.length, accuracy: correct / dataset.length };
  }

  /** Accuracy of the mean logits of `members` sampled networks. */
  async evaluateEnsemble(dataset: Dataset, members: number, pace: Pace): Promise<number> {
    const { classes, capacity } = this.network;
    const sums = new Float64Array(dataset.length * classes);
    const labels = new Int32Array(dataset.length);
    for (let member = 0; member < members; member++) {
      this.draw({ kind: 'sample', index: member });
      for (const indices of inOrder(dataset.length, capacity)) {
        await this.#forward(dataset, indices, pace);
        const logits = this.network.logits(indices.length);
        for (let i = 0; i < logits.length; i++) sums[indices[0] * classes + i] += logits[i];
        labels.set(this.network.batchViews().labels.subarray(0, indices.length), indices[0]);
      }
    }
    let correct = 0;
    for (let i = 0; i < dataset.length; i++) if (argmax(sums, i * classes, classes) === labels[i]) correct++;
    return correct / dataset.length;
  }

  /** Reads samples into the network's memory. A data set may be anybody's, so its labels are checked: a kernel would index with them. */
  #read(dataset: Dataset, indices: Uint32Array): void {
    const views = this.network.batchViews();
    dataset.read(indices, views);
    const bad = views.labels.subarray(0, indices.length).findIndex((label) => label < 0 || label >= this.network.classes);
    if (bad !== -1)
      throw new BitgaussError(
        'data',
        `label of sample ${indices[bad]}: got ${views.labels[bad]}, expected 0 to ${this.network.classes - 1}`,
      );
  }

  async #forward(dataset: Dataset, indices: Uint32Array, pace: Pace): Promise<{ loss: number; correct: number }> {
    this.#read(dataset, indices);
    await pace.run(this.network.forward({ training: false, count: indices.length, step: 0 }));
    return this.network.loss(indices.length);
  }

  /** A copy of everything that makes up the trained network: parameters, running statistics, the states behind binary weights. */
  snapshot(): Float32Array[] {
    return this.#buffers().map(({ pointer, elements }) => this.runtime.arena.f32(pointer, elements).slice());
  }

  restore(snapshot: readonly Float32Array[]): void {
    this.#buffers().forEach(({ pointer, elements }, i) => {
      this.runtime.arena.f32(pointer, elements).set(snapshot[i]);
    });
    for (const state of this.states) state.invalidate();
  }

  #buffers(): { pointer: number; elements: number }[] {
    return [
      ...this.network.realParameters.map(({ data, size }) => ({ pointer: data, elements: size })),
      ...this.network.steps.flatMap((step) => step.buffers?.() ?? []).map(({ pointer, size }) => ({ pointer, elements: size })),
      ...this.states.flatMap((state) => state.state()),
    ];
  }
}

/** Indices 0 … length - 1 in batches. */
function* inOrder(length: number, batchSize: number): Generator<Uint32Array> {
  for (let start = 0; start < length; start += batchSize) {
    yield Uint32Array.from({ length: Math.min(batchSize, length - start) }, (_, i) => start + i);
  }
}
