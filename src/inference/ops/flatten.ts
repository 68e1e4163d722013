/**
 * `flatten`: [H, W, C] of any kind -> [1, 1, H * W * C], feature (h * W + w) * C + c.
 *
 * @module
 */
import { type Activation, vector } from '../activation.js';
import { blocksOf64, KERNEL_TYPE, type PreparedOp } from '../op.js';
import type { OpReader } from '../op-reader.js';

export function prepareFlatten(_op: OpReader, input: Activation): PreparedOp {
  const { kind, height, width, channels } = input;
  const features = height * width * channels;
  return {
    output: vector(kind, features),
    macs: 0,
    constants: [],
    workspaceBytes: 0,
    run: (kernel, { x, y }) => kernel(`flatten_${KERNEL_TYPE[kind]}`, blocksOf64(features), x, y, input.stride, height * width, channels),
  };
}
