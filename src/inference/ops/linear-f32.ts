/**
 * `linear_f32`: f32 [1, 1, features] -> f32 [1, 1, cout].
 *
 *     y[c] = sum over i = 0, 1, ..., in this order, of w[c, i] x[i], then + bias[c]
 *
 * Each product and each sum is rounded to f32. weight F32 [cout, features], bias F32 [cout] or none.
 *
 * @module
 */
import { type Activation, vector } from '../activation.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareLinearF32(op: OpReader, input: Activation): PreparedOp {
  const { data, shape } = op.tensor('weight', 'F32', ['cout', input.channels]);
  return realLinear(op, input, data, shape[0]);
}

/** For weights f32 [cout, features], however the file holds them. */
export function realLinear(op: OpReader, input: Activation, data: Float32Array, cout: number): PreparedOp {
  op.requireKind(input, 'f32');
  op.requireVector(input);
  const features = input.channels;
  const lanes = Math.ceil(cout / 4) * 4;
  const weight = new Float32Array(features * lanes);
  for (let c = 0; c < cout; c++) for (let i = 0; i < features; i++) weight[i * lanes + c] = data[c * features + i];
  const constants = [weight];
  if (op.has('bias')) {
    const bias = new Float32Array(lanes);
    bias.set(op.tensor('bias', 'F32', [cout]).data);
    constants.push(bias);
  }
  return {
    output: vector('f32', cout),
    macs: features * cout,
    constants,
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [w, b = 0] }) =>
      kernel('linear_f32f32_f32', Math.ceil(cout / 16), x, w, b, y, input.stride, features, cout),
  };
}
