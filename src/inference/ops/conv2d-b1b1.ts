/**
 * `conv2d_b1b1`: ±1 [H, W, cin] -> int16 [OH, OW, cout], exact. Taps outside the map are skipped.
 *
 *     y[o, c] = sum over taps k and channels i of w[c, k, i] x[o * stride - padding + k, i]
 *
 * weight U8 [cout, kh, kw, ceil(cin / 8)], kh * kw * cin <= 32,767; cin, stride 1..255, padding 0..255.
 *
 * @module
 */
import type { Activation } from '../activation.js';
import { type BinaryKernel, binaryMacs, planBinary } from '../binary-kernels.js';
import { readBinaryWeight } from '../binary-weight.js';
import { readConvGeometry } from '../conv-geometry.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareConv2dB1b1(op: OpReader, input: Activation, kernel: BinaryKernel): PreparedOp {
  op.requireKind(input, 'bits');
  const { shape, words } = readBinaryWeight(op, input.channels, false);
  const cout = shape[0];
  const geometry = readConvGeometry(op, shape, input);
  const conv = { input, cout, geometry };
  const { columns, ...plan } = planBinary(kernel, conv);
  return { ...plan, macs: binaryMacs(conv), constants: [words(columns)], kernel, conv };
}
