/**
 * `threshold`: int16 [H, W, C] -> ±1: y = -1 where (x < t[c]) xor flip[c], else +1. Batch norm, activation and sign in one compare.
 *
 * threshold I16 [C], flip U8 [C] of 0 and 1.
 *
 * @module
 */
import { formatError } from '../../format/format-error.js';
import type { Activation } from '../activation.js';
import { elementwise } from '../elementwise.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareThreshold(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'int16');
  const { channels } = input;
  const threshold = op.tensor('threshold', 'I16', [channels]).data;
  const flip = op.tensor('flip', 'U8', [channels]).data;
  const bad = flip.findIndex((value) => value > 1);
  if (bad !== -1) throw formatError(`${op.where}: flip of channel ${bad}`, flip[bad], '0 or 1');
  return elementwise('threshold', input, 'bits', threshold, flip);
}
