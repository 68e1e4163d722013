/**
 * `linear_f32b1`: `linear_f32` whose weights are ±1, unpacked when the model is loaded.
 *
 * weight U8 [cout, 1, 1, ceil(features / 8)]; cin = features <= 32,767; bias as in `linear_f32`.
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { readBinaryWeight } from '../binary-weight.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';
import { realLinear } from './linear-f32.js';

export function prepareLinearF32b1(op: OpReader, input: Activation): PreparedOp {
  const { shape, signs } = readBinaryWeight(op, input.channels, true);
  return realLinear(op, input, signs(), shape[0]);
}
