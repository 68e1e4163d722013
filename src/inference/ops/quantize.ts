/**
 * `quantize`: f32 [H, W, C] -> f32: y = min(max(floor(x), 0), levels - 1), a whole number. levels 2..65536.
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareQuantize(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'f32');
  return elementwise('clamp', input, 'f32', Float32Array.of(0, op.integer('levels', 2, 65536) - 1, 1));
}
