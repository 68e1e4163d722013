/**
 * The step between two products: [max pool], [scale or batch norm], [activation], [sign], fused.
 *
 * Forward, with x the integers of a binary product or f32, per channel: u = a x + b, v = activation(u), s = sign(v). From integers to signs
 * this is one integer compare (`fold.ts`). Backward: `block_sums_*` reduces, float64 here turns the sums into constants, `block_dx_*` writes the
 * gradient of x, for an integer product in the two layouts and number formats that its products want. A real product right in front is
 * worked on together with the block (`fused-product.ts`).
 *
 * @module
 */
import { argumentError, BitgaussError } from '../core/errors.js';
import { purposeId } from '../core/random.js';
import { BatchNormState } from './batch-norm-state.js';
import { foldRealThreshold, foldThreshold } from './fold.js';
import type { BlockPlan } from './fuse.js';
import { FusedProduct, type GradientSource } from './fused-product.js';
import type { ActivationState, BuildContext, Pass, Step } from './layer.js';
import type { Lowering } from './lowering.js';
import type { Parameter, RealParameter } from './parameter.js';
import type { SurrogatePass } from './surrogates/surrogate.js';
import { type BitTensor, type IntegerTensor, positions, type RealTensor, type Slot, type SumScale } from './tensor.js';

/** Channels of a work item (block_forward.ts). */
const TILE = 32;
/** Floats of a noise tile: 4,096 and one row of images. */
const NOISE = 4096 + 64;

export function buildBlock(context: BuildContext, plan: BlockPlan, input: IntegerTensor | RealTensor): Step {
  return new Block(context, plan, input);
}

class Block implements Step {
  readonly name: string;
  readonly output: RealTensor | BitTensor;
  readonly parameters: Parameter[] = [];
  readonly macs = 0;
  readonly binaryMacs = 0;
  readonly #context: BuildContext;
  readonly #plan: BlockPlan;
  readonly #input: IntegerTensor | RealTensor;
  readonly #channels: number;
  /** Positions after the pool. */
  readonly #positions: number;
  readonly #norm: BatchNormState | undefined;
  readonly #product: FusedProduct | undefined;
  readonly #alpha: RealParameter | undefined;
  readonly #activation: ActivationState | undefined;
  readonly #surrogate: SurrogatePass | undefined;
  /** Scales of a binary product in front. */
  readonly #scaled: SumScale | undefined;
  /** x after the pool. */
  readonly #x: Slot;
  readonly #argmax: Slot | undefined;
  /** Statistics of a pool's items, f64 [G][C][4]. */
  readonly #poolStatistics: number;
  readonly #negate: number;
  readonly #perChannel: number;
  readonly #thresholds: number;
  readonly #sums: number;
  readonly #imageMaxima: number;
  readonly #inverse: number;
  readonly #dead: number;
  readonly #noise: number;
  /** For the gradient of a float product's map, before the pool. */
  readonly #poolShape: number;
  readonly #purpose: number;
  #deadShare: number | undefined;

  constructor(context: BuildContext, plan: BlockPlan, input: IntegerTensor | RealTensor) {
    const { runtime, groups } = context;
    const { arena } = runtime;
    const { height, width, channels } = input.shape;
    const size = plan.pool?.size ?? 1;
    const shape = { height: Math.floor(height / size), width: Math.floor(width / size), channels };
    if (shape.height < 1 || shape.width < 1) throw argumentError(`${plan.name}: window`, size, `at most the map, ${height}x${width}`);
    this.name = plan.name;
    this.#context = context;
    this.#plan = plan;
    this.#input = input;
    this.#channels = channels;
    this.#positions = positions(shape);
    const integer = input.kind === 'int16';
    const values = groups * this.#positions * channels * 64;
    const scaled = integer ? input : input.sums;
    this.#scaled = scaled;
    if (scaled?.alpha === true || (scaled?.alpha === 'auto' && plan.norm === undefined && !context.scaledWeights)) {
      this.#alpha = context.real(`${scaled.name}.alpha`, [channels], { uniform: 1 });
      arena.f32(this.#alpha.data, channels).forEach((value, c, all) => {
        all[c] = Math.abs(value); // uniform in [0, 1)
      });
      this.parameters.push(this.#alpha);
    }
    if (plan.norm !== undefined) {
      this.#norm = new BatchNormState(context, plan.name, plan.norm, channels);
      this.parameters.push(this.#norm.gamma, this.#norm.beta);
    }
    this.#activation = plan.activation?.build?.(context, plan.name, channels);
    this.parameters.push(...(this.#activation?.parameters ?? []));
    if (plan.pool === undefined) {
      this.#x = input.data;
      this.#argmax = undefined;
    } else {
      input.data.workspace = `data${(context.index + 1) % 2}`; // of the step in front
      this.#x = context.data(values * (integer ? 2 : 4));
      this.#argmax = context.data(values);
      if (integer) context.poolGradient(input.gradient, shape, size, this.#argmax);
    }
    if (integer) context.gradientLog?.reserveOutput(values, groups * this.#positions * Math.ceil(channels / 16) * 16 * 64);
    this.#product =
      input.kind === 'f32' && input.product !== undefined
        ? new FusedProduct(context, input.product, input, plan.name, plan.pool, this.#norm !== undefined)
        : undefined;
    // Signs of the images themselves: nothing in front of them learns.
    const constant = input.kind === 'f32' && input.gradient === undefined && this.parameters.length === 0;
    if (plan.sign) {
      this.#surrogate = plan.surrogate?.build?.(context, { groups, positions: this.#positions, channels });
      this.output = {
        kind: 'bits',
        shape,
        planes: context.transient('data', values),
        words: context.data(values / 8),
        gradient: constant ? undefined : context.transient('gradient', values * (context.gradients.dx === 'f32' ? 4 : 2)),
        gradientScale: 0,
      };
    } else {
      this.output = {
        kind: 'f32',
        shape,
        data: context.data(values * 4),
        gradient: constant ? undefined : context.transient('gradient', values * 4),
      };
    }
    const small = (bytes: number): number => arena.allocate(bytes, 'parameters');
    const tiles = Math.ceil(channels / TILE);
    this.#negate = small(channels * 2);
    this.#perChannel = small(channels * 64);
    this.#thresholds = small(channels * 8);
    this.#poolStatistics = !integer && plan.pool !== undefined && this.#norm !== undefined ? small(groups * channels * 32) : 0;
    this.#sums = small(channels * 32);
    this.#imageMaxima = small(tiles * groups * 256);
    this.#inverse = small(groups * 256);
    this.#dead = small(channels * 4);
    this.#noise = small(NOISE * 4);
    this.#poolShape = small(64);
    arena.i32(this.#poolShape, 6).set([groups, height, width, channels, size, size]);
    this.#purpose = purposeId(`rounding/${plan.name}`);
  }

  *forward(pass: Pass): Generator<void, void, void> {
    const { runtime, groups, mask, byteMask } = this.#context;
    const [x, P, C] = [this.#x.pointer, this.#positions, this.#channels];
    const { output } = this;
    const product = this.#product?.forward ? this.#product : undefined;
    const integer = this.#input.kind === 'int16';
    const tiles = Math.ceil(C / TILE);
    // Statistics of this batch: undefined once they are there.
    let norm = pass.training ? this.#norm : undefined;
    if (product !== undefined) {
      if (norm !== undefined && product.moments) {
        yield* product.measure(norm.statistics, pass.count);
        norm = undefined;
      }
      if (norm === undefined && output.kind === 'bits') {
        this.#prepare(pass);
        yield* product.signs(output.planes.pointer, output.words.pointer, this.#thresholds);
        return;
      }
      yield* product.values(norm);
      norm = undefined;
    } else if (this.#argmax !== undefined) {
      const { height, width } = this.#input.shape;
      const size = this.#plan.pool?.size ?? 1;
      this.#writeNegate();
      const operands = [this.#input.data.pointer, x, this.#argmax.pointer, this.#negate];
      const sizes = [groups, height, width, C, size, size];
      if (integer) yield* runtime.pieces('max_pool2d_i16', tiles * groups, ...operands, ...sizes);
      else {
        yield* runtime.pieces('max_pool2d_f32', tiles * groups, ...operands, norm === undefined ? 0 : this.#poolStatistics, mask, ...sizes);
        norm?.combine(this.#poolStatistics, groups);
        norm = undefined;
      }
    }
    if (norm !== undefined) {
      if (integer) yield* runtime.pieces('statistics_i16', tiles, x, norm.statistics, groups, P, C);
      else yield* runtime.pieces('statistics_f32', tiles, x, mask, norm.statistics, groups, P, C);
    }
    this.#prepare(pass);
    const type = integer ? 'i16' : 'f32';
    if (output.kind === 'f32') {
      yield* runtime.pieces(`activation_${type}_f32`, tiles * groups, x, output.data.pointer, this.#perChannel, groups, P, C);
    } else {
      const signs = [output.planes.pointer, output.words.pointer, this.#thresholds, byteMask];
      yield* runtime.pieces(`threshold_${type}_b1`, tiles * groups, x, ...signs, groups, P, C);
    }
  }

  *backward(pass: Pass): Generator<void, void, void> {
    const { runtime, groups, mask, gradients } = this.#context;
    const [x, P, C] = [this.#x.pointer, this.#positions, this.#channels];
    const { output } = this;
    if (output.gradient === undefined) return;
    const input = this.#input;
    const xType = input.kind === 'int16' ? 'i16' : 'f32';
    let gType = output.kind === 'bits' ? gradients.dx : 'f32';
    let g = output.gradient.pointer;
    let scale = output.kind === 'bits' ? output.gradientScale : 0;
    if (this.#surrogate !== undefined) {
      g = yield* this.#surrogate.multiply(xType, gType, [g, scale, x, this.#perChannel], pass.progress ?? 0);
      gType = 'f32';
      scale = 0;
    }
    const tiles = Math.ceil(C / TILE);
    const count = pass.count * P;
    const product = this.#product?.backward ? this.#product : undefined;
    const source: GradientSource = {
      ...{ type: gType, g, scale, x, count, parameters: this.#perChannel, argmax: this.#argmax?.pointer ?? 0 },
      ...{ sums: this.#sums, statistics: this.#norm?.statistics ?? 0 },
    };
    if (product?.onePass) yield* product.reduce(source, this.#dead);
    else
      yield* runtime.pieces(
        `block_sums_${xType}${gType}`,
        tiles,
        g,
        scale,
        x,
        this.#perChannel,
        this.#sums,
        this.#imageMaxima,
        this.#dead,
        mask,
        groups,
        P,
        C,
      );
    const bound = this.#constants(count);
    if (output.kind === 'bits') this.#deadShare = runtime.arena.u32(this.#dead, C).reduce((sum, n) => sum + n, 0) / (pass.count * P * C);
    if (product !== undefined) {
      yield* product.weightGradient(source);
      return;
    }
    const argmax = this.#argmax?.pointer ?? 0;
    if (input.kind === 'int16') {
      const { rows, transposed, pool } = input.gradient;
      if (gradients.qmax > 0) this.#scales(input, bound, pass.step);
      const copies = (type: string, out: number, outT: number, argmaxT: number): Generator<void, void, void> =>
        runtime.pieces(
          `block_dx_i16${gType}_${type}`,
          tiles * groups,
          g,
          scale,
          x,
          this.#perChannel,
          argmax,
          mask,
          this.#inverse,
          this.#noise,
          out,
          outT,
          argmaxT,
          groups,
          P,
          C,
          gradients.qmax,
        );
      yield* copies(gradients.type, rows.pointer, transposed.pointer, pool?.argmaxTransposed.pointer ?? 0);
      const log = pass.logGradients ? this.#context.gradientLog : undefined;
      if (log !== undefined)
        yield* copies('f32', log.rows.pointer, log.transposed.pointer, pool === undefined ? 0 : log.argmaxTransposed.pointer);
    } else if (input.gradient !== undefined) {
      yield* runtime.pieces(
        `block_dx_f32${gType}_f32`,
        tiles * groups,
        g,
        scale,
        x,
        this.#perChannel,
        argmax,
        mask,
        input.gradient.pointer,
        this.#poolShape,
      );
    }
  }

  deadActivations(): number | undefined {
    return this.#deadShare;
  }

  buffers(): { name: string; pointer: number; size: number }[] {
    return this.#norm?.buffers() ?? [];
  }

  lower(lowering: Lowering): void {
    const C = this.#channels;
    const { a, b, slope } = this.#affine(false);
    const { pool, norm, activation } = this.#plan;
    if (pool !== undefined) {
      // A pool over negative scales is a minimum of the integers: negate filter and scale.
      const factors = this.#factors();
      const negative = this.#alpha === undefined ? [] : [...a.keys()].filter((c) => factors[c] < 0);
      if (negative.length > 0) lowering.negate(negative);
      for (const c of negative) a[c] = -a[c];
      lowering.op('max_pool2d', { size: pool.size, stride: pool.size });
    }
    const fanIn = this.#scaled?.fanIn;
    if (fanIn !== undefined && !this.#scaled?.unpacked && this.output.kind === 'bits') {
      const t = new Int16Array(C);
      const flip = new Uint8Array(C);
      for (let c = 0; c < C; c++) {
        const folded = foldThreshold(fanIn, a[c], b[c], slope[c]);
        t[c] = folded.t;
        flip[c] = folded.flip ? 1 : 0;
      }
      lowering.op('threshold', {
        threshold: lowering.tensor(`${this.name}.threshold`, 'I16', [C], t),
        flip: lowering.tensor(`${this.name}.flip`, 'U8', [C], flip),
      });
      return;
    }
    if (this.#scaled !== undefined || norm !== undefined || this.#activation?.affine) {
      lowering.op('affine', {
        scale: lowering.tensor(`${this.name}.scale`, 'F32', [C], a),
        shift: lowering.tensor(`${this.name}.shift`, 'F32', [C], b),
      });
    }
    if (activation !== undefined && (activation.learnable || activation.slope !== 1))
      lowering.op('prelu', { slope: lowering.tensor(`${this.name}.slope`, 'F32', [C], slope) });
    if (activation?.limit === 1) lowering.op('hardtanh');
    if (this.output.kind === 'bits') lowering.op('sign');
  }

  /** A sign would hide what is no number, and training would go on with it. */
  #numericError(what: string, channel: number): BitgaussError {
    return new BitgaussError(
      'numeric',
      `${this.name}: the ${what} of channel ${channel} is not a finite number any more; lower the learning rates`,
    );
  }

  /** What x is multiplied by: alpha times the scale of the weights; 1 for a real x. */
  #factors(): Float32Array {
    const { arena } = this.#context.runtime;
    const factors = this.#weightScales();
    if (this.#alpha !== undefined)
      arena.f32(this.#alpha.data, this.#channels).forEach((alpha, c) => {
        factors[c] *= alpha;
      });
    return factors;
  }

  /** A copy of the scale of the weights in front. */
  #weightScales(): Float32Array {
    if (this.#scaled === undefined) return new Float32Array(this.#channels).fill(1);
    return this.#context.runtime.arena.f32(this.#scaled.scale, this.#channels).slice();
  }

  /** a and b of u = a x + b, from the statistics of the batch (training) or the running ones, and the slopes below 0. */
  #affine(training: boolean): { a: Float32Array; b: Float32Array; slope: Float32Array } {
    const factors = this.#factors();
    const channels = this.#channels;
    const { a, b } = this.#norm?.affine(training, factors) ?? { a: factors, b: new Float32Array(channels) };
    const slope = this.#activation?.apply(a, b) ?? new Float32Array(channels).fill(this.#plan.activation?.slope ?? 1);
    return { a, b, slope };
  }

  /** Constants of this pass, for all kernels. The statistics of a training batch are complete. */
  #prepare(pass: Pass): void {
    if (pass.training) this.#norm?.measure(pass.count * this.#positions, this.#factors(), pass.averaging);
    const { a, b, slope } = this.#affine(pass.training);
    this.#writeParameters(a, b, slope, pass.progress ?? 0);
    if (this.output.kind === 'bits') this.#writeThresholds(a, b, slope);
  }

  #writeNegate(): void {
    const alpha = this.#factors();
    this.#context.runtime.arena.i16(this.#negate, this.#channels).set(Int16Array.from(alpha, (value) => (value < 0 ? -1 : 0)));
  }

  #writeParameters(a: Float32Array, b: Float32Array, slope: Float32Array, progress: number): void {
    const { arena, math } = this.#context.runtime;
    const { sign, surrogate, activation } = this.#plan;
    const [s0, s1, reach = Number.POSITIVE_INFINITY] = sign ? (surrogate?.line(progress, math) ?? [2, 2]) : [1, 0];
    const limit = Math.min(activation?.limit ?? reach, reach);
    const view = arena.f32(this.#perChannel, this.#channels * 16);
    for (let c = 0; c < this.#channels; c++) {
      if (!Number.isFinite(a[c] + b[c] + slope[c])) throw this.#numericError('scale, shift or slope', c);
      view.set([a[c], b[c], slope[c], limit, s0, s1, a[c]], c * 16);
    }
  }

  #writeThresholds(a: Float32Array, b: Float32Array, slope: Float32Array): void {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    if (this.#input.kind === 'int16') {
      const view = arena.i16(this.#thresholds, C * 2);
      for (let c = 0; c < C; c++) {
        const { t, flip } = foldThreshold(this.#input.fanIn, a[c], b[c], slope[c]);
        view[2 * c] = t;
        view[2 * c + 1] = flip ? 0xff : 0; // the low byte is the kernel's flip
      }
      return;
    }
    const thresholds = arena.f32(this.#thresholds, C * 2);
    const flips = arena.u32(this.#thresholds, C * 2);
    for (let c = 0; c < C; c++) {
      const { t, flip } = foldRealThreshold(a[c], b[c], slope[c]);
      thresholds[2 * c] = t;
      flips[2 * c + 1] = flip ? 0x80000000 : 0;
    }
  }

  /** Turns the reductions into gradients of parameters and the constants k2 and k3. Returns the bound of |k2 x + k3| per channel. */
  #constants(count: number): Float64Array {
    const { arena } = this.#context.runtime;
    const C = this.#channels;
    const sums = arena.f64(this.#sums, C * 4);
    const parameters = arena.f32(this.#perChannel, C * 16);
    const bound = new Float64Array(C);
    for (let c = 0; c < C; c++)
      if (!Number.isFinite(sums[4 * c] + sums[4 * c + 1] + sums[4 * c + 2] + sums[4 * c + 3])) throw this.#numericError('gradient', c);
    const du = this.#activation?.backward(sums, parameters) ?? sums;
    const dAlpha = this.#alpha && arena.f32(this.#alpha.gradient, C);
    const scales = this.#weightScales();
    if (this.#norm === undefined) {
      for (let c = 0; c < C; c++) {
        parameters[16 * c + 7] = 0;
        parameters[16 * c + 8] = 0;
        if (dAlpha !== undefined) dAlpha[c] = scales[c] * du[4 * c + 1];
      }
      return bound;
    }
    this.#norm.backward(count, du, this.#factors(), dAlpha, (c, k2, k3, rest) => {
      parameters[16 * c + 7] = k2;
      parameters[16 * c + 8] = k3;
      bound[c] = rest;
    });
    dAlpha?.forEach((dFactor, c) => {
      dAlpha[c] = scales[c] * dFactor;
    });
    return bound;
  }

  /** Scales of the integer gradient: one per image for dX, one per channel for dW, from bounds that the reductions left. */
  #scales(input: IntegerTensor, rest: Float64Array, step: number): void {
    const { runtime, groups, seed } = this.#context;
    const { qmax, reach } = this.#context.gradients;
    const { arena } = runtime;
    const C = this.#channels;
    const sums = arena.f64(this.#sums, C * 4);
    const parameters = arena.f32(this.#perChannel, C * 16);
    const channelScale = arena.f32(input.gradient.channelScale, C);
    let largestRest = 0;
    for (let c = 0; c < C; c++) {
      const bound = reach * (Math.abs(parameters[16 * c + 6]) * sums[4 * c + 3] + rest[c]);
      parameters[16 * c + 9] = bound > 0 ? qmax / bound : 0;
      channelScale[c] = bound / qmax;
      largestRest = Math.max(largestRest, rest[c]);
    }
    const images = groups * 64;
    const maxima = arena.f32(this.#imageMaxima, Math.ceil(C / TILE) * images);
    const imageScale = arena.f32(input.gradient.imageScale, images);
    const inverse = arena.f32(this.#inverse, images);
    for (let i = 0; i < images; i++) {
      let bound = 0;
      for (let j = i; j < maxima.length; j += images) bound = Math.max(bound, maxima[j]);
      bound = reach * (bound + largestRest);
      inverse[i] = bound > 0 ? qmax / bound : 0;
      imageScale[i] = bound / qmax;
    }
    runtime.uniform(this.#noise, NOISE, -0.5, 0.5, { seed, purpose: this.#purpose, step });
  }
}
