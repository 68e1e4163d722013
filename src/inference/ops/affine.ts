/**
 * `affine`: int16 or f32 [H, W, C] -> f32: y = f32(f32(scale[c] * x) + shift[c]). scale, shift F32 [C].
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareAffine(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'int16', 'f32');
  const { channels } = input;
  return elementwise('affine', input, 'f32', op.tensor('scale', 'F32', [channels]).data, op.tensor('shift', 'F32', [channels]).data);
}
