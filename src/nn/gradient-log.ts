/**
 * What rounding does to the gradients of binary products: the integer path beside the exact one, computed for the same step.
 *
 * @module
 */
import { requireInteger } from '../core/errors.js';
import type { BuildContext } from './layer.js';
import type { BinaryParameter } from './parameter.js';
import { type BitTensor, type IntegerTensor, positions, type Slot } from './tensor.js';

/** Of one binary layer in one training step. dY is the gradient of its output, behind the pool if there is one. */
export interface GradientReport {
  layer: string;
  /** Largest |dY| over its root mean square. */
  maxOverRms: number;
  /** What the largest integer stands for over the largest |dY|, mean over images. */
  boundOverMax: number;
  /** Shares of dY that are 0, before and after rounding. */
  zerosBefore: number;
  zerosAfter: number;
  /** Share of dY that lies beyond the largest integer and is clamped. */
  clipped: number;
  /** Share of dX at the ends of its range; undefined where no dX is needed. */
  saturated?: number;
  /** Of the angle between what is used and the exact gradients. */
  cosineDx?: number;
  cosineDw: number;
}

/** A binary product and the work items of its kernels. */
export interface LoggedProduct {
  name: string;
  input: BitTensor;
  output: IntegerTensor;
  weight: BinaryParameter;
  convShape: number;
  /** Chunks of input channels, for each 16 output channels an item of dW. */
  chunks: number;
  dxItems: number;
}

/** Memory for exact gradients, shared by all layers, and the reports of the last step that was logged. */
export class GradientLog {
  /** f32 [G][P][C][64], and transposed with the argmax of its layout, as the f32 kernels want them. */
  readonly rows: Slot;
  readonly transposed: Slot;
  readonly argmaxTransposed: Slot;
  readonly dx: Slot;
  readonly dw: Slot;
  #reports: GradientReport[] = [];

  /** `slot`: memory that all layers share, by name. */
  constructor(slot: (name: string) => Slot) {
    this.rows = slot('exact rows');
    this.transposed = slot('exact transposed');
    this.argmaxTransposed = slot('exact argmax');
    this.dx = slot('exact dX');
    this.dw = slot('exact dW');
  }

  /** Room for dY of so many values before and after their channels are rounded up to 16. */
  reserveOutput(values: number, padded: number): void {
    enlarge(this.rows, values * 4);
    enlarge(this.transposed, padded * 4);
    enlarge(this.argmaxTransposed, padded);
  }

  reserveProducts(inputs: number, weights: number): void {
    enlarge(this.dx, inputs * 4);
    enlarge(this.dw, weights * 4);
  }

  /** Computes the exact products of the exact dY of this step and compares them with what the step uses. */
  *compare(context: BuildContext, product: LoggedProduct, count: number): Generator<void, void, void> {
    const { runtime, groups, gradients } = context;
    const { name, input, output, weight, convShape, chunks, dxItems } = product;
    const { arena } = runtime;
    const { rows, pool, imageScale } = output.gradient;
    const { shape } = output;
    const size = pool?.size ?? 1;
    const argmaxTransposed = pool === undefined ? 0 : this.argmaxTransposed.pointer;
    const products = [input.words.pointer, this.dw.pointer, convShape, size, 0];
    const dwItems = chunks * Math.ceil(shape.channels / 16);
    yield* runtime.pieces('conv2d_f32b1_f32_dw', dwItems, this.transposed.pointer, argmaxTransposed, ...products);
    const values = groups * Math.floor(shape.height / size) * Math.floor(shape.width / size) * shape.channels * 64;
    const rounded = gradients.bytes === 1 ? arena.i8(rows.pointer, values) : arena.i16(rows.pointer, values);
    const scales = arena.f32(imageScale, groups * 64);
    const report: GradientReport = {
      layer: name,
      ...compareRounded(arena.f32(this.rows.pointer, values), rounded, scales, gradients.qmax, count),
      cosineDw: cosineOf(arena.f32(this.dw.pointer, weight.elements), arena.f32(weight.gradient, weight.elements)),
    };
    this.#reports.push(report);
    if (input.gradient === undefined) return;
    const inputs = groups * positions(input.shape) * input.shape.channels * 64;
    const argmax = pool?.argmax.pointer ?? 0;
    const rest = [weight.wordsT, this.dx.pointer, convShape, size, 0];
    yield* runtime.pieces('conv2d_f32b1_f32_dx', dxItems, this.rows.pointer, argmax, ...rest);
    const used = arena.i16(input.gradient.pointer, inputs);
    Object.assign(report, compareInputGradient(arena.f32(this.dx.pointer, inputs), used, scales, count));
  }

  /** The reports of the last step, from the last layer to the first; then it is empty. */
  take(): GradientReport[] {
    const reports = this.#reports;
    this.#reports = [];
    return reports;
  }
}

function enlarge(slot: Slot, bytes: number): void {
  slot.bytes = Math.max(slot.bytes, bytes);
}

/** What `train` takes as `logGradients`. */
export interface GradientLogging {
  /** Steps from one comparison to the next. */
  readonly every: number;
  /** `slot`: memory that all layers share, by name. @internal */
  create(slot: (name: string) => Slot): GradientLog;
}

/** Compares rounded gradients with exact ones every so many steps, from 1; default 100. */
export function gradientLog({ every = 100 }: { every?: number } = {}): GradientLogging {
  requireInteger('gradientLog.every', every, 1);
  return { every, create: (slot) => new GradientLog(slot) };
}

/** The part of a report that compares dY, exact and rounded, both [G][rows][64], with one scale per image. */
export function compareRounded(
  exact: Float32Array,
  rounded: Int8Array | Int16Array,
  scales: Float32Array,
  qmax: number,
  count: number,
): Pick<GradientReport, 'maxOverRms' | 'boundOverMax' | 'zerosBefore' | 'zerosAfter' | 'clipped'> {
  const perGroup = (exact.length / scales.length) * 64;
  let [largest, squares, before, after, clipped, bounds, bounded] = [0, 0, 0, 0, 0, 0, 0];
  for (let image = 0; image < count; image++) {
    const start = (image >> 6) * perGroup + (image & 63);
    const bound = scales[image] * qmax;
    let max = 0;
    for (let i = start; i < start - (image & 63) + perGroup; i += 64) {
      const size = Math.abs(exact[i]);
      if (size > max) max = size;
      squares += size * size;
      if (size === 0) before++;
      if (rounded[i] === 0) after++;
      if (size > bound) clipped++;
    }
    if (max > largest) largest = max;
    if (max > 0) {
      bounds += bound / max;
      bounded++;
    }
  }
  const values = (count * perGroup) / 64;
  const rms = Math.sqrt(squares / values);
  return {
    maxOverRms: rms > 0 ? largest / rms : 0,
    boundOverMax: bounded > 0 ? bounds / bounded : 1,
    zerosBefore: before / values,
    zerosAfter: after / values,
    clipped: clipped / values,
  };
}

/** The part that compares dX, [G][rows][64]: integers with one scale per image against f32. */
export function compareInputGradient(
  exact: Float32Array,
  used: Int16Array,
  scales: Float32Array,
  count: number,
): Pick<GradientReport, 'saturated' | 'cosineDx'> {
  const perGroup = (exact.length / scales.length) * 64;
  let [dot, a, b, saturated] = [0, 0, 0, 0];
  for (let image = 0; image < count; image++) {
    const lane = image & 63;
    const begin = (image >> 6) * perGroup;
    for (let i = begin + lane; i < begin + perGroup; i += 64) {
      const value = used[i] * scales[image];
      dot += exact[i] * value;
      a += exact[i] * exact[i];
      b += value * value;
      if (used[i] === 32767 || used[i] === -32768) saturated++;
    }
  }
  return { saturated: saturated / ((count * perGroup) / 64), cosineDx: cosine(dot, a, b) };
}

export function cosineOf(x: Float32Array, y: Float32Array): number {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    dot += x[i] * y[i];
    a += x[i] * x[i];
    b += y[i] * y[i];
  }
  return cosine(dot, a, b);
}

/** Of two vectors by their products; 1 where both are 0. */
function cosine(dot: number, a: number, b: number): number {
  return a === 0 && b === 0 ? 1 : dot / Math.sqrt(a * b);
}
