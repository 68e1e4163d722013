/**
 * `affine`: int16 or f32 [H, W, C] -> f32: y = f32(f32(scale[c] * x) + shift[c]). scale, shift F32 [C].
 *
 * @module
 */
import { type Activation, tight } from '../activation.js';
import { blocksOf64, KERNEL_TYPE, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareAffine(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'int16', 'f32');
  const { kind, height, width, channels } = input;
  const output = tight('f32', height, width, channels);
  const name = `affine_${KERNEL_TYPE[kind]}_f32`;
  return {
    output,
    macs: 0,
    constants: [op.tensor('scale', 'F32', [channels]).data, op.tensor('shift', 'F32', [channels]).data],
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [scale, shift] }) =>
      kernel(name, blocksOf64(channels), x, y, scale, shift, input.stride, output.stride, height * width, channels),
  };
}
