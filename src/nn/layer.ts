/**
 * The contract of layers.
 *
 * A layer is a description. `build` declares its parameters and buffers and returns a step, which runs forward and backward and
 * lowers itself to inference operations. Elementwise layers (pool, norm, activation) have a `stage` instead: neighbours fuse into one
 * block (`fuse.ts`).
 *
 * @module
 */
import type { Runtime } from '../core/runtime.js';
import type { KernelSet } from '../wasm/kernel-set.js';
import type { ConvGeometry } from './conv-shape.js';
import type { GradientFormat } from './gradient-format.js';
import type { GradientLog } from './gradient-log.js';
import type { Lowering } from './lowering.js';
import type { BinaryParameter, BinaryShape, Parameter, RealParameter } from './parameter.js';
import type { Surrogate } from './surrogates/surrogate.js';
import type { BitTensor, MapShape, ProductGradient, Slot, Tensor } from './tensor.js';

/** How a real parameter starts. */
export type Initial = { constant: number } | { uniform: number };

/** Makes the step of a binary product in place of the usual one. */
export type BinaryProductBuilder = (
  context: BuildContext,
  name: string,
  input: BitTensor,
  geometry: ConvGeometry,
  alpha: 'auto' | boolean,
) => Step;

/** What `build` may use. */
export interface BuildContext {
  readonly runtime: Runtime;
  /** Groups of 64 images that a batch fills. */
  readonly groups: number;
  /** Of dY of binary products. */
  readonly gradients: GradientFormat;
  /** Binary weights come with a scale per filter (`BinaryParameter.scale`), so `alpha: 'auto'` is off. */
  readonly scaledWeights: boolean;
  /** Makes binary products, where their weights are real in training. */
  readonly realWeights: BinaryProductBuilder | undefined;
  /** Makes binary products in place of the usual ones. */
  readonly products: BinaryProductBuilder | undefined;
  readonly seed: number;
  /** Pointers: u32 [G][64] and i8 [G][64], all bits 1 for images that count. */
  readonly mask: number;
  readonly byteMask: number;
  /** Set where integer gradients are to be compared with exact ones. */
  readonly gradientLog: GradientLog | undefined;
  /** Number of the step being built. */
  readonly index: number;
  /** Data of this step's output, kept until the backward pass unless its consumer makes it a workspace. */
  data(bytes: number): Slot;
  /** Memory that the next-but-one step reuses. */
  transient(kind: 'data' | 'gradient', bytes: number): Slot;
  /** Gradient buffers of a binary product's output. */
  productGradient(shape: MapShape): ProductGradient;
  /** Makes them those of the pooled map. `argmax`: of the pool, [G][P][C][64]. */
  poolGradient(gradient: ProductGradient, pooled: MapShape, size: number, argmax: Slot): void;
  real(name: string, shape: number[], initial: Initial): RealParameter;
  binary(name: string, shape: BinaryShape): BinaryParameter;
}

/** One forward pass. */
export interface Pass {
  training: boolean;
  /** Images that count: the first ones of the batch. */
  count: number;
  /** Number of the training step: names the random numbers of the backward pass. */
  step: number;
  /** Share of the run's steps before it, 0..1: for surrogates that change over the run. Default 0. */
  progress?: number;
  /** Compare rounded gradients with the exact ones in this step, where the network was built for it. */
  logGradients?: boolean;
  /** Weight of this training batch in the running statistics of batch norm, 0..1. Default: the layer's momentum. */
  averaging?: number;
}

/** A built layer or block. */
export interface Step {
  /** Name of the layer, unique in the network: `1.binaryConv2d`. */
  readonly name: string;
  readonly output: Tensor;
  readonly parameters: readonly Parameter[];
  /** Multiply-accumulates per image, and how many of them are between two signs. */
  readonly macs: number;
  readonly binaryMacs: number;
  /** Work items of its kernels of that many multiply-accumulates, where it has such: forward, weight gradient, input gradient. */
  readonly items?: readonly number[];
  /** Generators, so that the caller may pause between two pieces of work; run them to their end. */
  forward(pass: Pass): Generator<void, void, void>;
  backward(pass: Pass): Generator<void, void, void>;
  lower(lowering: Lowering): void;
  /** Named f32 buffers that are not parameters but belong to the model: running statistics. */
  buffers?(): { name: string; pointer: number; size: number }[];
  /** Share of activations with |a| > 1 in the last backward pass, where a sign follows. */
  deadActivations?(): number | undefined;
}

/** A layer with its own step. */
export interface ProductLayer {
  readonly type: string;
  readonly stage: 'product';
  /** As given, for records and checkpoints. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What `build` takes: bits are made by the block in front. */
  readonly input: 'f32' | 'bits';
  /** Stands in for the derivative of the sign in front. Default ApproxSign. */
  readonly surrogate?: Surrogate;
  /** f32 input, and sums that scales belong to: a block follows, which applies them. */
  readonly sums?: boolean;
  build(context: BuildContext, name: string, input: Tensor): Step;
  /** Kernels that it runs, beside those of the training binary. Default: none. */
  readonly kernels?: KernelSet;
  /** The same layer with f32 weights and activations, where it has bits. */
  real?(): ProductLayer;
}

/** Reinterprets a tensor; no memory, no work. */
export interface ReshapeLayer {
  readonly type: string;
  readonly stage: 'reshape';
  reshape(shape: MapShape): MapShape;
}

export interface PoolLayer {
  readonly type: 'maxPool2d';
  readonly stage: 'pool';
  readonly size: number;
}

export interface NormLayer {
  readonly type: 'batchNorm';
  readonly stage: 'norm';
  readonly epsilon: number;
  readonly momentum: number;
}

export interface ActivationLayer {
  readonly type: string;
  readonly stage: 'activation';
  /** v = clamp(u < 0 ? slope u : u, -limit, limit). A learnable slope starts at `slope`. */
  readonly slope: number;
  /** Whether the slope is: `build` makes it. */
  readonly learnable: boolean;
  readonly limit: number;
  /** What is learned. */
  build?(context: BuildContext, name: string, channels: number): ActivationState;
  readonly kernels?: KernelSet;
}

/** The learnable part of an activation in a block: how its parameters enter u = a x + b and the slope, and get their gradients. */
export interface ActivationState {
  readonly parameters: readonly RealParameter[];
  /** Whether `apply` changes a or b. */
  readonly affine: boolean;
  /** Changes a and b, f32 [C], in place; returns the slopes below 0. */
  apply(a: Float32Array, b: Float32Array): Float32Array;
  /**
   * Writes gradients. sums f64 [C][4] of the block's u: sum du, sum du x, sum dslope (dw u where u < 0), …; constants f32 [C][16]: a, b, slope, ….
   * Returns sums of the u that `apply` was given, the first two of each channel: the given ones, if a was left alone.
   */
  backward(sums: Float64Array, constants: Float32Array): Float64Array;
}

export type ElementwiseLayer = PoolLayer | NormLayer | ActivationLayer;
export type Layer = ProductLayer | ReshapeLayer | ElementwiseLayer;
