/**
 * `linear_b1b1`: ±1 [1, 1, features] -> int16 [1, 1, cout], exact: y[c] = sum over i of w[c, i] x[i].
 *
 * weight U8 [cout, 1, 1, ceil(features / 8)]; cin = features <= 32,767.
 *
 * @module
 */
import { type Activation, vector } from '../activation.js';
import { binaryMacs, planPopcount } from '../binary-kernels.js';
import { readBinaryWeight } from '../binary-weight.js';
import { convGeometry } from '../conv-geometry.js';
import type { PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareLinearB1b1(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'bits');
  op.requireVector(input);
  const { shape, words } = readBinaryWeight(op, input.channels, true);
  const cout = shape[0];
  const conv = { input, cout, geometry: convGeometry(1, 1, 1, 1, 1, 0) };
  const { columns, ...plan } = planPopcount(conv, vector('int16', cout));
  return { ...plan, macs: binaryMacs(conv), constants: [words(columns)], kernel: 'popcount' };
}
