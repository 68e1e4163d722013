/**
 * `prelu`: f32 [H, W, C] -> f32: y = x < 0 ? f32(slope[c] * x) : x. slope F32 [C].
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function preparePrelu(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  return elementwise('prelu', input, 'f32', op.tensor('slope', 'F32', [input.channels]).data);
}
