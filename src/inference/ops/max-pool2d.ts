/**
 * `max_pool2d`: int16 or f32 [H, W, C] -> the same kind [OH, OW, C], OH = floor((H - size) / stride) + 1, no padding.
 *
 * size, stride 1..255; of equal values the first in row-major order is taken.
 *
 * @module
 */
import { formatFailure } from '../../format/format-error.js';
import { type Activation, planes } from '../activation.js';
import { KERNEL_TYPE, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareMaxPool2d(op: OpReader, input: Activation): PreparedOp {
  op.requireKind(input, 'int16', 'f32');
  const { kind, height, width, channels } = input;
  const size = op.integer('size', 1, 255);
  const stride = op.integer('stride', 1, 255);
  if (size > height || size > width) throw formatFailure(`${op.where}: size`, `${size}`, `at most the input, ${height}x${width}`);
  const output = planes(kind, Math.floor((height - size) / stride) + 1, Math.floor((width - size) / stride) + 1, channels);
  return {
    output,
    macs: 0,
    constants: [],
    workspaceBytes: 0,
    run: (kernel, { x, y }) =>
      kernel(`max_pool2d_${KERNEL_TYPE[kind]}`, channels, x, y, input.stride, output.stride, height, width, size, stride),
  };
}
