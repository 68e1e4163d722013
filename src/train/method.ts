/**
 * The contract of training methods: what stands behind a binary weight.
 *
 * @module
 */
import type { Runtime } from '../core/runtime.js';
import type { BinaryProductBuilder } from '../nn/layer.js';
import type { BinaryParameter } from '../nn/parameter.js';
import type { Sequential } from '../nn/sequential.js';
import type { KernelSet } from '../wasm/kernel-set.js';
import type { Optimizer } from './optimizers/optimizer.js';

/**
 * Which weights a forward pass uses. Training and evaluation draw from different random streams.
 * `train`: of training step `step`, with the share `progress` (0..1) of the run's steps before it; `mode`: the most probable weights; `sample`: member `index` of an ensemble;
 * `point`: the method's sigma point `index`.
 */
export type Draw = { kind: 'train'; step: number; progress: number } | { kind: 'mode' } | { kind: 'sample' | 'point'; index: number };

export interface MethodContext {
  runtime: Runtime;
  seed: number;
  /** Of the latent weights. */
  optimizer: Optimizer;
  /** Of the run. */
  trainingSamples: number;
  stepsPerEpoch: number;
}

/** An array in wasm memory. */
export interface NamedBuffer {
  name: string;
  /** Default f32. */
  type?: 'i16';
  pointer: number;
  elements: number;
}

/** A number of a checkpoint. */
export interface NamedCounter {
  name: string;
  get(): number;
  set(value: number): void;
}

/** Counts since the last `readCounts`, which the trainer calls after every step. */
export interface SignCounts {
  /** Weights whose sign (of the mode) changed, summed over updates. */
  flips: number;
  /** Updates. */
  updates: number;
  /** Signs that differed between sample and mode, summed over training draws. */
  differing: number;
  /** Training draws that were samples. */
  draws: number;
}

/** The state behind one binary parameter. */
export interface BinaryState {
  /** Writes the signs of a draw into the parameter's words. Called before every forward pass whose weights or draw changed. */
  sample(draw: Draw): void;
  /**
   * One update from the parameter's gradient, which belongs to the last training draw: a generator, so that the caller may pause; run it to its end.
   * `next`: the draw that will most likely be asked for; a state may make it in the same pass.
   */
  update(rate: number, next?: Draw): Generator<void, void, void>;
  readCounts(): SignCounts;
  /** Forgets which draw the words hold: call after the state's buffers were overwritten. */
  invalidate(): void;
  /** The arrays that define the weights: what a kept best epoch must hold. */
  state(): NamedBuffer[];
  /** Latent weights, whose signs are the mode, f32 in the common layout; undefined where something else stands behind it. */
  latents?(): NamedBuffer | undefined;
  /**
   * Everything that training goes on from with the same bits, between two steps: the arrays of `state()`, those of the optimizers
   * (`<parameter>.mean.v`), their steps and the counts. To restore, overwrite the buffers, set the counters, then `invalidate()`.
   */
  checkpoint(): { buffers: NamedBuffer[]; counters: NamedCounter[] };
}

export interface TrainingMethod {
  readonly name: string;
  /** All options with their values, as JSON has them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether samples differ from the mode, so that ensembles make sense. */
  readonly stochastic: boolean;
  /** Draws that stand for the whole distribution with equal weights, `{ kind: 'point', index }`: how many there are. Default none. */
  readonly sigmaPoints?: number;
  /** The weights come with a scale per filter (`BinaryParameter.scale`), so layers with `alpha: 'auto'` learn none. Default false. */
  readonly scaled?: boolean;
  /**
   * Training draws are real weights (`BinaryParameter.real`): what builds the steps that take them, `realWeightProduct`. The mode and samples are ±1 there, too.
   * Gradients of binary layers are then f32. Default: weights are signs.
   */
  readonly realWeights?: BinaryProductBuilder;
  /** Builds binary products in place of the usual ones: `groupProduct`. */
  readonly products?: BinaryProductBuilder;
  /** Peak rate where none is asked for, of a method whose update is its own and leaves the optimizer aside. Undefined: the optimizer's. */
  readonly learningRate?: number;
  /** Kernels that it runs, beside those of the training binary. Default: none. */
  readonly kernels?: KernelSet;
  /** Of batch norm in evaluation, where the run asks for none. Default 'running', or 'reestimate' with real weights. */
  readonly batchNormStatistics?: 'running' | 'reestimate';
  /** The network that is trained in place of the given one. Default: that one. */
  model?(model: Sequential): Sequential;
  init(parameter: BinaryParameter, context: MethodContext): BinaryState;
}
