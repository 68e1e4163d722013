/**
 * `sign`: f32 [H, W, C] -> ±1: y = x < 0 ? -1 : +1, hence +1 for 0, -0 and NaN.
 *
 * @module
 */
import { type Activation, tight } from '../activation.js';
import { blocksOf64, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareSign(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  const { height, width, channels } = input;
  const output = tight('bits', height, width, channels);
  return {
    output,
    macs: 0,
    constants: [],
    workspaceBytes: 0,
    run: (kernel, { x, y }) => kernel('sign_f32_i8', blocksOf64(channels), x, y, input.stride, output.stride, height * width, channels),
  };
}
