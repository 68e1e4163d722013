/**
 * Sizes of a convolution: OH = floor((H + 2 padding - kh) / stride) + 1.
 *
 * @module
 */
import { formatFailure } from '../format/format-error.js';
import type { Activation } from './activation.js';
import type { OpReader } from './op-reader.js';

/** Largest kernel side, stride and padding. */
const MAX = 255;

export interface ConvGeometry {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly padding: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Reads `stride` and `padding`; kernel sides come from the shape [cout, kh, kw, ...] of the weight. */
export function readConvGeometry(op: OpReader, weightShape: readonly number[], input: Activation): ConvGeometry {
  const [, kernelHeight, kernelWidth] = weightShape;
  if (kernelHeight > MAX || kernelWidth > MAX)
    throw formatFailure(`${op.where}: kernel`, `${kernelHeight}x${kernelWidth}`, `sides of at most ${MAX}`);
  const stride = op.integer('stride', 1, MAX);
  const padding = op.integer('padding', 0, MAX);
  const height = input.height + 2 * padding;
  const width = input.width + 2 * padding;
  if (kernelHeight > height || kernelWidth > width)
    throw formatFailure(`${op.where}: kernel`, `${kernelHeight}x${kernelWidth}`, `at most the padded input, ${height}x${width}`);
  return convGeometry(input.height, input.width, kernelHeight, kernelWidth, stride, padding);
}

export function convGeometry(
  height: number,
  width: number,
  kernelHeight: number,
  kernelWidth: number,
  stride: number,
  padding: number,
): ConvGeometry {
  const out = (size: number, kernel: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return { kernelHeight, kernelWidth, stride, padding, outHeight: out(height, kernelHeight), outWidth: out(width, kernelWidth) };
}
