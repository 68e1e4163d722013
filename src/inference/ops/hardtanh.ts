/**
 * `hardtanh`: f32 [H, W, C] -> f32: y = min(max(x, -1), 1).
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareHardtanh(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  return elementwise('clamp', input, 'f32', Float32Array.of(-1, 1, 0));
}
