/**
 * `conv2d_b1b1`: ±1 [H, W, cin] -> int16 [OH, OW, cout], exact. Taps outside the map are skipped.
 *
 *     y[o, c] = sum over taps k and channels i of w[c, k, i] x[o * stride - padding + k, i]
 *
 * weight U8 [cout, kh, kw, ceil(cin / 8)], kh * kw * cin <= 32,767; cin, stride 1..255, padding 0..255.
 *
 * @module
 */
import { type Activation, planes } from '../activation.js';
import { readBinaryWeight } from '../binary-weight.js';
import { guardPositions, readConvGeometry } from '../conv-geometry.js';
import { blocksOf64, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareConv2dB1b1(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'bits');
  const { height, width, channels: cin } = input;
  const { shape, words } = readBinaryWeight(op, cin, false);
  const cout = shape[0];
  const geometry = readConvGeometry(op, shape, input);
  const { kernelHeight, kernelWidth, stride, padding, outHeight, outWidth } = geometry;
  const output = planes('int16', outHeight, outWidth, cout, guardPositions(geometry));
  const sizes = [input.stride, output.stride, height, width, cin, cout, kernelHeight, kernelWidth, stride, padding];
  return {
    output,
    macs: outHeight * outWidth * kernelHeight * kernelWidth * cin * cout,
    constants: [words],
    workspaceBytes: 0,
    run: (kernel, { x, y, constants: [w] }) => kernel('conv2d_b1b1_i16', blocksOf64(cout), x, w, y, ...sizes),
  };
}
