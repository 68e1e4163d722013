/**
 * The contract of optimizers: one object per f32 array, made by a factory that holds the options.
 *
 * @module
 */
import { BitgaussError } from '../../core/errors.js';
import type { Runtime } from '../../core/runtime.js';

/** An array of output filters, f32 [ceil(cout / 32)][rows][32] with `rows` = taps * cin; the spare lanes of the last tile are 0. */
export interface Filters {
  cout: number;
  rows: number;
}

/** An f32 array in wasm memory, `elements` a multiple of 4 (zero-padded). */
export interface OptimizerTarget {
  name: string;
  data: number;
  elements: number;
  /** Of latent weights and everything with their layout; undefined for other parameters. */
  filters?: Filters;
}

export interface OptimizerState {
  /** One step: gradient f32, same layout as the data, times `scale`; `rate` is the learning rate of this step. */
  update(gradient: number, scale: number, rate: number): void;
  /** Arrays that belong to a checkpoint, by role: `m`, `v`. */
  buffers(): { name: string; pointer: number; elements: number }[];
  /** What a step is made of, where it is that of SGD with momentum: methods may then do it in a pass of their own, and count `steps`. */
  readonly sgd?: { velocity: number; momentum: number; weightDecay: number; nesterov: boolean };
  /** Steps taken so far, a whole number; setting it restores what depends on them (Adam's bias correction). */
  steps: number;
}

export interface Optimizer {
  readonly name: string;
  /** All options with their values, as JSON has them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Peak rate for latent weights where none is asked for. Default 0.002. */
  readonly learningRate?: number;
  /** Throws if the optimizer works on filters and the target has none. */
  init(runtime: Runtime, target: OptimizerTarget): OptimizerState;
}

/** Work items of the update kernels: 4,096 elements each. */
export function updateItems(elements: number): number {
  return Math.ceil(elements / 4096);
}

/** The target's filters with the work items of a kernel over them: tiles of 32. */
export function requireFilters(optimizer: string, { name, filters }: OptimizerTarget): Filters & { tiles: number } {
  if (filters === undefined) {
    throw new BitgaussError(
      'argument',
      `${optimizer}: ${name} has no filters; use it for the latent weights (optimizer) and adamw() or sgd() for the rest (realOptimizer)`,
    );
  }
  return { ...filters, tiles: Math.ceil(filters.cout / 32) };
}
