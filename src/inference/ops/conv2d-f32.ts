/**
 * `conv2d_f32`: f32 [H, W, cin] -> f32 [OH, OW, cout]. Taps outside the map count as 0.
 *
 *     y[o, c] = sum over (ky, kx, i), in this order, of w[c, ky, kx, i] x[o * stride - padding + k, i], then + bias[c]
 *
 * Each product and each sum is rounded to f32. weight F32 [cout, kh, kw, cin], bias F32 [cout] or none; stride 1..255, padding 0..255.
 *
 * @module
 */
import { type Activation, planes } from '../activation.js';
import { readConvGeometry } from '../conv-geometry.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareConv2dF32(op: OpReader, input: Activation): PreparedOp {
  const { data, shape } = op.tensor('weight', 'F32', ['cout', 'kh', 'kw', input.channels]);
  return realConv2d(op, input, data, shape);
}

/** For weights f32 [cout, kh, kw, cin], however the file holds them; of `shape` the first three count. */
export function realConv2d(op: OpReader, input: Activation, data: Float32Array, shape: readonly number[]): PreparedOp {
  op.requireKind(input, 'f32');
  const { height, width, channels: cin } = input;
  const cout = shape[0];
  const bias = op.has('bias') ? op.tensor('bias', 'F32', [cout]).data : undefined;
  const { kernelHeight, kernelWidth, stride, padding, outHeight, outWidth } = readConvGeometry(op, shape, input);
  const output = planes('f32', outHeight, outWidth, cout);
  const sizes = [input.stride, output.stride, height, width, cin, cout, kernelHeight, kernelWidth, stride, padding];
  const items = Math.ceil((outHeight * outWidth) / 16);
  return {
    output,
    macs: outHeight * outWidth * kernelHeight * kernelWidth * cin * cout,
    constants: bias === undefined ? [data] : [data, bias],
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [w, b = 0] }) => kernel('conv2d_f32f32_f32', items, x, w, b, y, ...sizes),
  };
}
