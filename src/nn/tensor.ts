/**
 * What flows between steps: batch-minor tensors [G][H][W][C][64 images] in wasm memory, and where their gradients go.
 *
 * @module
 */
import type { RealParameter } from './parameter.js';

export interface MapShape {
  height: number;
  width: number;
  channels: number;
}

/** A buffer whose address is known once all steps are built. `workspace` names memory that later steps reuse; undefined: kept until backward. */
export interface Slot {
  pointer: number;
  bytes: number;
  workspace: string | undefined;
  /** Step that made it, for memory reports. */
  owner: string;
}

/** f32 values. */
export interface RealTensor {
  kind: 'f32';
  shape: MapShape;
  data: Slot;
  /** f32, same layout; undefined where nobody needs it (images). */
  gradient: Slot | undefined;
  /** The product that makes it, for a block right behind; undefined for everything else. */
  product?: OpenProduct;
  /** Of sums of binary weights and real activations, or of real weights and signs. */
  sums?: SumScale;
}

/** A real product as the block right behind it sees it: the block may run parts of it (`fused-product.ts`). */
export interface OpenProduct {
  readonly name: string;
  readonly input: RealTensor;
  readonly weight: RealParameter;
  readonly bias: RealParameter | undefined;
  /** Address of the ConvShape, and weights of a filter. */
  readonly convShape: number;
  readonly filter: number;
  /** Memory of dY. A block that runs the backward pass keeps something smaller there. */
  readonly gradient: Slot;
  /** What the block runs. */
  readonly fused: { forward: boolean; backward: boolean };
}

/** What the sums of a binary product are to be multiplied by, in the block that follows: the weights' own scale and an optional learnable one per channel. */
export interface SumScale {
  /** Of the product. */
  name: string;
  /** Learnable scale per channel. */
  alpha: 'auto' | boolean;
  /** f32 [C], from 0: `BinaryParameter.scale`. */
  scale: number;
  /** Of sums of signs: |value| <= fanIn <= 32,767. */
  fanIn?: number;
  /** They are sums of f32 in the model file. */
  unpacked?: boolean;
}

/** The exact integer output of a binary product, i16. */
export interface IntegerTensor extends SumScale {
  kind: 'int16';
  shape: MapShape;
  /** |value| <= fanIn <= 32,767. */
  fanIn: number;
  data: Slot;
  gradient: ProductGradient;
}

/** Signs: i8 planes for the forward pass, words along the images for the weight gradient. */
export interface BitTensor {
  kind: 'bits';
  shape: MapShape;
  planes: Slot;
  words: Slot;
  /** i16 with one scale per image (integer gradients), or f32; undefined where nobody needs it (signs of images). */
  gradient: Slot | undefined;
  /** f32 [G][64], set by the product that reads this tensor; 0 for f32 gradients. */
  gradientScale: number;
}

/** dY of a binary product in the two layouts its products want (`kernels`: out and outT of block_dx). Behind a max pool, that of the pooled map. */
export interface ProductGradient {
  rows: Slot;
  transposed: Slot;
  /** Set by the block behind the product, if it pools. */
  pool: PooledGradient | undefined;
  /** f32 [G][64]: rows are multiples of it (integer gradients). */
  imageScale: number;
  /** f32 [ceil(C / 32) * 32]: transposed values are multiples of it (integer gradients). */
  channelScale: number;
}

/** Where the values of a pooled gradient belong before the pool. */
export interface PooledGradient {
  /** Of the window, which is its stride, too. */
  size: number;
  /** u8, the place in the window in row-major order, in the layouts of `rows` and `transposed`. */
  argmax: Slot;
  argmaxTransposed: Slot;
}

export type Tensor = RealTensor | IntegerTensor | BitTensor;

export function positions(shape: MapShape): number {
  return shape.height * shape.width;
}

export function features(shape: MapShape): number {
  return shape.height * shape.width * shape.channels;
}
