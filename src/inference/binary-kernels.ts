/**
 * The two ways to multiply bits with bits. Both are exact, so they give the same int16; which one is faster depends on the machine and the shape.
 *
 *     'lookup'     tables of signed sums of activations, indexed by weights: ahead wherever vectors load fast
 *     'popcount'   XNOR and popcount, activations packed to bits first: ahead for vectors (linear layers), and for maps on some small processors
 *
 * @module
 */
import { type Activation, planes } from './activation.js';
import type { ConvGeometry } from './conv-geometry.js';
import { type Addresses, blocksOf64, type RunKernel } from './op.js';

export type BinaryKernel = 'lookup' | 'popcount';

export const BINARY_KERNELS: readonly BinaryKernel[] = ['lookup', 'popcount'];

/** A binary convolution: what its time depends on. */
export interface BinaryConv {
  readonly input: Activation;
  readonly cout: number;
  readonly geometry: ConvGeometry;
}

export interface BinaryPlan {
  readonly output: Activation;
  /** Output channels whose weight words lie side by side (`binary-weight.ts`). */
  readonly columns: number;
  readonly workspaceBytes: number;
  /** Constants are the weight words. */
  run(kernel: RunKernel, at: Addresses): void;
}

/** Multiply-accumulates, padding counted. */
export function binaryMacs({ input, cout, geometry }: BinaryConv): number {
  const { kernelHeight, kernelWidth, outHeight, outWidth } = geometry;
  return outHeight * outWidth * kernelHeight * kernelWidth * input.channels * cout;
}

export function planBinary(kernel: BinaryKernel, conv: BinaryConv): BinaryPlan {
  return kernel === 'lookup' ? planLookup(conv) : planPopcount(conv);
}

function sizes({ input, cout, geometry }: BinaryConv): number[] {
  const { kernelHeight, kernelWidth, stride, padding } = geometry;
  return [input.height, input.width, input.channels, cout, kernelHeight, kernelWidth, stride, padding];
}

function planLookup(conv: BinaryConv): BinaryPlan {
  const { input, cout, geometry } = conv;
  const { kernelHeight, outHeight, outWidth } = geometry;
  // Rows of the filter that reach beyond the output are written between the planes, at most one tile.
  const output = planes('int16', outHeight, outWidth, cout, Math.min(64, (kernelHeight - 1) * outWidth));
  return {
    output,
    columns: cout,
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [w] }) =>
      kernel('conv2d_b1b1_i16', blocksOf64(cout), x, w, y, input.stride, output.stride, ...sizes(conv)),
  };
}

/** `output`: where and how the result lies in memory, if not in planes. */
export function planPopcount(
  conv: BinaryConv,
  output: Activation = planes('int16', conv.geometry.outHeight, conv.geometry.outWidth, conv.cout),
): BinaryPlan {
  const { height, width, channels, stride } = conv.input;
  const positions = height * width;
  return {
    output,
    columns: 8,
    workspaceBytes: positions * blocksOf64(channels) * 8,
    run: (kernel, { x, y, constants: [w], workspace }) => {
      kernel('pack_i8_b1', Math.ceil(positions / 16), x, workspace, stride, positions, channels);
      kernel('popcount_b1b1_i16', Math.ceil(conv.cout / 8), workspace, w, y, output.stride, ...sizes(conv));
    },
  };
}
