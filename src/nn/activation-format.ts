/**
 * What binary weights are multiplied with, where it is not signs.
 *
 * @module
 */
import type { KernelSet } from '../wasm/kernel-set.js';
import type { ConvGeometry } from './conv-shape.js';
import type { ActivationLayer, BuildContext, Step } from './layer.js';
import type { RealTensor } from './tensor.js';

export interface ActivationFormat {
  readonly name: string;
  /** All options with their values, as JSON has them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly kernels: KernelSet;
  /** Customary in front of such a product. */
  layer(): ActivationLayer;
  /** The step of a binary product that takes f32 and leaves sums for the block behind it (`SumScale`). */
  build(context: BuildContext, name: string, input: RealTensor, geometry: ConvGeometry, alpha: 'auto' | boolean): Step;
}
