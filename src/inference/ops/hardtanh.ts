/**
 * `hardtanh`: f32 [H, W, C] -> f32: y = min(max(x, -1), 1).
 *
 * @module
 */
import { type Activation, tight } from '../activation.js';
import { blocksOf64, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareHardtanh(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  const { height, width, channels } = input;
  const output = tight('f32', height, width, channels);
  return {
    output,
    macs: 0,
    constants: [],
    workspaceBytes: 0,
    run: (kernel, { x, y }) =>
      kernel('hardtanh_f32_f32', blocksOf64(channels), x, y, input.stride, output.stride, height * width, channels),
  };
}
