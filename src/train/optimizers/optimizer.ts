/**
 * The contract of optimizers: one object per f32 array, made by a factory that holds the options.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';

/** An f32 array in wasm memory, `elements` a multiple of 4 (zero-padded). */
export interface OptimizerTarget {
  name: string;
  data: number;
  elements: number;
}

export interface OptimizerState {
  /** One step: gradient f32, same layout as the data, times `scale`; `rate` is the learning rate of this step. */
  update(gradient: number, scale: number, rate: number): void;
}

export interface Optimizer {
  readonly name: string;
  init(runtime: Runtime, target: OptimizerTarget): OptimizerState;
}

/** Work items of the update kernels: 4,096 elements each. */
export function updateItems(elements: number): number {
  return Math.ceil(elements / 4096);
}
