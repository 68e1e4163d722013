/**
 * `conv2d_f32b1`: `conv2d_f32` whose weights are ±1, unpacked when the model is loaded.
 *
 * weight U8 [cout, kh, kw, ceil(cin / 8)], kh * kw * cin <= 32,767; cin; bias, stride and padding as in `conv2d_f32`.
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { readBinaryWeight } from '../binary-weight.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';
import { realConv2d } from './conv2d-f32.js';

export function prepareConv2dF32b1(op: OpReader, input: Activation): PreparedOp {
  const { shape, signs } = readBinaryWeight(op, input.channels, false);
  return realConv2d(op, input, signs(), shape);
}
