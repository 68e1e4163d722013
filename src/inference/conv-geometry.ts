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
  const outHeight = Math.floor((height - kernelHeight) / stride) + 1;
  const outWidth = Math.floor((width - kernelWidth) / stride) + 1;
  return { kernelHeight, kernelWidth, stride, padding, outHeight, outWidth };
}

/** Positions that the lookup kernel may write before and after each plane: rows of the filter that reach beyond the output, at most one tile. */
export function guardPositions({ kernelHeight, outWidth }: ConvGeometry): number {
  return Math.min(64, (kernelHeight - 1) * outWidth);
}
