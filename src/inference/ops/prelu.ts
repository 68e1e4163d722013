/**
 * `prelu`: f32 [H, W, C] -> f32: y = x < 0 ? f32(slope[c] * x) : x. slope F32 [C].
 *
 * @module
 */
import { type Activation, tight } from '../activation.js';
import { blocksOf64, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function preparePrelu(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  const { height, width, channels } = input;
  const output = tight('f32', height, width, channels);
  return {
    output,
    macs: 0,
    constants: [op.tensor('slope', 'F32', [channels]).data],
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [slope] }) =>
      kernel('prelu_f32_f32', blocksOf64(channels), x, y, slope, input.stride, output.stride, height * width, channels),
  };
}
