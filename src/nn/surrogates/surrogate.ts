/**
 * The contract of surrogates: what stands in for the derivative of s = sign(v) in the backward pass, dv = g f(v).
 *
 * `line` is enough for f(v) = max(0, s0 - s1 |v|) within a reach. Any other f is a pass of its own over the gradient (`build`), behind which the
 * line is 1. A surrogate may change over the run: `progress` is the share of its steps that are done, 0..1.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';
import type { KernelSet } from '../../wasm/kernel-set.js';
import type { BuildContext } from '../layer.js';

export interface Surrogate {
  readonly name: string;
  /** All options with their values, as JSON has them. */
  readonly options: Readonly<Record<string, number>>;
  /** [s0, s1, reach]: f(v) = max(0, s0 - s1 |v|) where |v| <= reach, else 0. Default reach: no limit. */
  line(progress: number, math: Runtime['math']): readonly [s0: number, s1: number, reach?: number];
  /** Of its pass. */
  readonly kernels?: KernelSet;
  build?(context: BuildContext, sizes: SurrogateSizes): SurrogatePass;
}

/** Of a tensor [groups][positions][channels][64 images]. */
export interface SurrogateSizes {
  groups: number;
  positions: number;
  channels: number;
}

/** Runs in the backward pass of a block, before everything else. */
export interface SurrogatePass {
  /**
   * Multiplies g by f(v) and returns the address of the result, f32 in the layout of g. x and g are of the given types; operands: addresses of g,
   * of its scale per image, of x and of the block's constants per channel.
   */
  multiply(xType: string, gType: string, operands: readonly number[], progress: number): Generator<void, number, void>;
}
