/**
 * Operations that give one value for each value: plane by plane, with constants per channel.
 *
 * @module
 */
import type { DtypeArray } from '../format/dtypes.js';
import { type Activation, type Kind, tight } from './activation.js';
import { blocksOf64, KERNEL_TYPE, type PreparedOp } from './op.js';

/** Kernel `<name>_<input type>_<output type>` over all channels; `constants` in its order. */
export function elementwise(name: string, input: Activation, kind: Kind, ...constants: DtypeArray[]): PreparedOp {
  const { height, width, channels } = input;
  const output = tight(kind, height, width, channels);
  const symbol = `${name}_${KERNEL_TYPE[input.kind]}_${KERNEL_TYPE[kind]}`;
  return {
    output,
    macs: 0,
    constants,
    workspaceBytes: 0,
    inPlace: kind === input.kind && output.stride === input.stride,
    run: (kernel, { x, y, constants: pointers }) =>
      kernel(symbol, blocksOf64(channels), x, y, ...pointers, input.stride, output.stride, height * width, channels),
  };
}
