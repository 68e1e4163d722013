/**
 * Surrogates that are no line: one pass of `assembly/kernels/surrogate.ts` over the gradient, whose result stays in f32.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';
import { methodKernels } from '../../wasm/methods.js';
import type { Surrogate, SurrogatePass } from './surrogate.js';

/** Channels of a work item (surrogate.ts). */
const TILE = 32;

/** A surrogate of `kernel`, surrogate_<kernel>_<x><g>; `parameters`: what it takes at this share of the run. */
export function curve(
  name: string,
  options: Surrogate['options'],
  kernel: string,
  parameters: (progress: number, math: Runtime['math']) => readonly number[],
): Surrogate {
  return {
    name,
    options,
    kernels: methodKernels,
    line: () => [1, 0],
    build(context, { groups, positions, channels }): SurrogatePass {
      const { runtime } = context;
      // Planes of signs live there in the forward pass; the backward pass reads none.
      const product = context.transient('data', groups * positions * channels * 256);
      return {
        *multiply(xType, gType, operands, progress) {
          const items = Math.ceil(channels / TILE) * groups;
          const sizes = [groups, positions, channels];
          const name = `surrogate_${kernel}_${xType}${gType}`;
          yield* runtime.pieces(name, items, ...operands, product.pointer, ...sizes, ...parameters(progress, runtime.math));
          return product.pointer;
        },
      };
    },
  };
}
