/**
 * `linear_b1b1`: ±1 [1, 1, features] -> int16 [1, 1, cout], exact: y[c] = sum over i of w[c, i] x[i].
 *
 * weight U8 [cout, 1, 1, ceil(features / 8)]; cin = features <= 32,767.
 *
 * @module
 */
import { type Activation, vector } from '../activation.js';
import { readBinaryWeight } from '../binary-weight.js';
import { blocksOf64, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareLinearB1b1(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'bits');
  op.requireVector(input);
  const features = input.channels;
  const { shape, words } = readBinaryWeight(op, features, true);
  const cout = shape[0];
  const blocks = blocksOf64(features);
  return {
    output: vector('int16', cout),
    macs: features * cout,
    constants: [words],
    workspaceBytes: blocks * 8,
    run: (kernel, { x, y, constants: [w], workspace }) => {
      kernel('pack_i8_b1', blocks, x, workspace, features);
      kernel('linear_b1b1_i16', Math.ceil(cout / 8), workspace, w, y, features, cout);
    },
  };
}
