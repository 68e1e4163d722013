/**
 * A real product and the block right behind it, row by row while rows are in the cache.
 *
 * Forward, without a pool in between, the block runs the product: its statistics are summed up, or its signs are taken, on the way. Where the
 * product reads images and is shallow, statistics need no y at all: they follow from the moments of the patches (`patch_moments.ts`), so
 * the signs are known at once. Backward, a product of images needs dY for its weights only: their gradient is computed from that of the
 * block's output, a few positions at a time, and dY is never stored.
 *
 * @module
 */
import type { BatchNormState } from './batch-norm-state.js';
import type { BuildContext, PoolLayer } from './layer.js';
import { bandsOf, forwardItems } from './real-product.js';
import { type OpenProduct, positions, type RealTensor } from './tensor.js';

/** Largest filters whose moments, and whose weight gradients, are computed that way (patch_moments.ts, conv2d_block_dw.ts). */
const MOMENTS = 32;
const WEIGHTS = 128;
/**
 * Moments are taken where K^2 <= 40 C: they cost K^2 / 2 multiply-accumulates per position and image, and save passes over y and its gradient
 * that take as long as about 30 of them per channel (measured on 27 weights and 128 channels).
 */
const SAVED = 40;
/** Channels of a work item of a weight gradient. */
const TILE = 16;

/** What the weight gradient needs of the block: addresses, and the type of the gradient g of its output. */
export interface GradientSource {
  type: 'i16' | 'f32';
  g: number;
  scale: number;
  /** The block's input behind the pool, as g and argmax. */
  x: number;
  parameters: number;
  argmax: number;
  /** f64 [C][4]: sum du, sum du x, … */
  sums: number;
  /** Statistics of x, f64 [C][4]; 0: no norm. */
  statistics: number;
  /** Values of x of a channel that count. */
  count: number;
}

export class FusedProduct {
  /** Whether the block runs the forward pass, and the weight gradient. */
  readonly forward: boolean;
  readonly backward: boolean;
  /** Whether statistics come from moments. */
  readonly moments: boolean;
  /** Whether du is summed up and multiplied in one pass: nothing that is multiplied depends on its sums. */
  readonly onePass: boolean;
  readonly #context: BuildContext;
  readonly #product: OpenProduct;
  /** Name of the block. */
  readonly #block: string;
  readonly #y: RealTensor;
  readonly #channels: number;
  readonly #poolSize: number;
  /** Bands of rows behind the pool. */
  readonly #bands: number;
  /** Statistics, and sums of du, of each band: f64 [bands][C][4]. */
  readonly #parts: number;
  /** f64 [bands][K + 1][K], and [C + 1][K]. */
  readonly #momentParts: number = 0;
  readonly #products: number = 0;

  /** y is the output of `product`, block the name of the block. */
  constructor(context: BuildContext, product: OpenProduct, y: RealTensor, block: string, pool: PoolLayer | undefined, norm: boolean) {
    const { arena } = context.runtime;
    const { filter, input } = product;
    const { height, channels } = y.shape;
    const ofImages = input.gradient === undefined;
    this.#context = context;
    this.#product = product;
    this.#block = block;
    this.#y = y;
    this.#channels = channels;
    const poolSize = pool?.size ?? 1;
    this.#poolSize = poolSize;
    this.#bands = bandsOf(context.groups, Math.floor(height / poolSize));
    this.forward = pool === undefined;
    this.backward = ofImages && filter <= WEIGHTS;
    this.moments = this.forward && norm && ofImages && filter <= MOMENTS && filter * filter <= SAVED * channels;
    this.onePass = this.backward && this.forward && (!norm || this.moments);
    this.#parts = arena.allocate(this.#bands * channels * 32, 'workspace');
    if (this.moments) {
      this.#momentParts = arena.allocate(this.#bands * (filter + 1) * filter * 8, 'workspace');
      this.#products = arena.allocate((channels + 1) * filter * 8, 'activations');
    }
    product.fused.forward = this.forward;
    product.fused.backward = this.backward;
    // The buffer of dY shrinks to the parts of dW, f32 [bands][C][K].
    if (this.backward) product.gradient.bytes = this.#bands * channels * filter * 4;
  }

  /** Statistics of y before there is y: f64 [C][4] without minimum and maximum, over `count` images. */
  *measure(statistics: number, count: number): Generator<void, void, void> {
    const { runtime } = this.#context;
    const { input, weight, bias, convShape, filter } = this.#product;
    yield* runtime.pieces('patch_moments_f32', this.#bands, input.data.pointer, this.#momentParts, convShape);
    yield* runtime.pieces(
      'patch_moments_y',
      Math.ceil(this.#channels / TILE),
      this.#momentParts,
      weight.data,
      bias?.data ?? 0,
      this.#products,
      statistics,
      count * positions(this.#y.shape),
      this.#bands,
      filter,
      this.#channels,
    );
  }

  /** y, and its statistics if a norm wants them. */
  *values(norm: BatchNormState | undefined): Generator<void, void, void> {
    const { mask } = this.#context;
    yield* this.#run('conv2d_f32f32_f32', norm === undefined ? 0 : this.#parts, mask);
    norm?.combine(this.#parts, this.#bands);
  }

  /** y and its signs. */
  *signs(planes: number, words: number, thresholds: number): Generator<void, void, void> {
    yield* this.#run('conv2d_f32f32_b1', planes, words, thresholds, this.#context.byteMask);
  }

  /** Sums of du: f64 [C][4], the last one 0, and images beyond ±1, u32 [C]. Its products with the patches stay in parts. */
  *reduce(source: GradientSource, dead: number): Generator<void, void, void> {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    yield* this.#multiply(source, this.#parts);
    const parts = arena.f64(this.#parts, this.#bands * C * 4);
    const sums = arena.f64(source.sums, C * 4).fill(0);
    for (let i = 0; i < parts.length; i++) sums[i % sums.length] += parts[i];
    const counts = arena.u32(dead, C);
    for (let c = 0; c < C; c++) {
      counts[c] = sums[4 * c + 3];
      sums[4 * c + 3] = 0;
    }
  }

  /** Gradients of weights and bias. The parameters of the block are complete now: k1, k2 and k3 follow from the sums. */
  *weightGradient(source: GradientSource): Generator<void, void, void> {
    const { runtime } = this.#context;
    const { weight, bias, filter, gradient } = this.#product;
    if (!this.onePass) yield* this.#multiply(source, 0);
    yield* runtime.pieces(
      'patch_moments_dw',
      Math.ceil(this.#channels / TILE),
      gradient.pointer,
      this.onePass ? source.parameters : 0,
      this.#products,
      weight.gradient,
      this.#bands,
      filter,
      this.#channels,
    );
    if (bias !== undefined) this.#biasGradient(source, bias.gradient);
  }

  /** The sum of dy = k1 du + k2 x + k3. */
  #biasGradient({ parameters, sums, statistics, count }: GradientSource, to: number): void {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    const gradient = arena.f32(to, C);
    const constants = arena.f32(parameters, C * 16);
    const du = arena.f64(sums, C * 4);
    const x = statistics === 0 ? undefined : arena.f64(statistics, C * 4);
    for (let c = 0; c < C; c++) {
      const [k1, k2, k3] = constants.subarray(16 * c + 6, 16 * c + 9);
      gradient[c] = k1 * du[4 * c] + (x === undefined ? 0 : k2 * x[4 * c] + k3 * count);
    }
  }

  *#run(kernel: string, ...outputs: number[]): Generator<void, void, void> {
    const { runtime, groups } = this.#context;
    const { input, weight, bias, convShape } = this.#product;
    const items = forwardItems(groups, this.#y.shape);
    const operands = [input.data.pointer, weight.data, bias?.data ?? 0, this.#y.data.pointer];
    runtime.profiler?.enter(this.#product.name, 'forward');
    yield* runtime.pieces(kernel, items, ...operands, ...outputs, convShape);
    runtime.profiler?.enter(this.#block, 'forward');
  }

  /** Products with the patches: of du, which is summed up in `sums`, or if that is 0, of dy. */
  *#multiply({ type, g, scale, x, parameters, argmax }: GradientSource, sums: number): Generator<void, void, void> {
    const { runtime, mask } = this.#context;
    const { input, convShape, gradient } = this.#product;
    runtime.profiler?.enter(this.#product.name, 'backward');
    yield* runtime.pieces(
      `conv2d_block_dw_f32${type}`,
      Math.ceil(this.#channels / TILE) * this.#bands,
      g,
      scale,
      x,
      parameters,
      argmax,
      mask,
      input.data.pointer,
      gradient.pointer,
      sums,
      convShape,
      this.#poolSize,
    );
    runtime.profiler?.enter(this.#block, 'backward');
  }
}
