/**
 * `sign`: f32 [H, W, C] -> ±1: y = x < 0 ? -1 : +1, hence +1 for 0, -0 and NaN.
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareSign(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  return elementwise('sign', input, 'bits');
}
