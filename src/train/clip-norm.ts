/**
 * Gradients that are scaled down to a norm, before every update.
 *
 *     g <- g min(1, norm / ||g||),   ||g|| = sqrt(sum of all g^2)
 *
 * over all real parameters together, and over all binary weights together: their gradients differ by orders of magnitude, and so do the rates of their
 * optimizers. Of binary weights the gradient is that of the signs, before the method makes one of the latents of it. Squares are added in f64 in a fixed
 * order: the same bits on any number of threads. Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import type { Runtime } from '../core/runtime.js';
import type { Network } from '../nn/network.js';
import type { KernelSet } from '../wasm/kernel-set.js';
import { methodKernels } from '../wasm/methods.js';
import { updateItems } from './optimizers/optimizer.js';

/** Made by `clipNorm`. */
export interface GradientClipping {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly kernels: KernelSet;
  /** What clips the gradients of a network. */
  create(runtime: Runtime, network: Network): () => void;
}

/** Clips to `norm`, above 0. Steps whose size does not depend on that of the gradient (nsgd, muon, adamw) only see how it changes from step to step. */
export function clipNorm(norm: number): GradientClipping {
  if (!(norm > 0 && Number.isFinite(norm))) throw argumentError('clipNorm', norm, 'a positive finite number');
  return {
    name: 'clipNorm',
    options: { norm },
    kernels: methodKernels,
    create(runtime, { realParameters, binaryParameters }) {
      const real = realParameters.map(({ gradient, size }) => ({ gradient, elements: Math.ceil(size / 4) * 4 }));
      const binary = [...binaryParameters];
      const groups: { gradient: number; elements: number }[][] = [real, binary];
      // Gradients of groups of images are parts of those of their parameter.
      const parts = binary.flatMap(({ groups: images = [], elements }) => images.map(({ gradient }) => ({ gradient, elements })));
      const items = Math.max(1, ...groups.flat().map(({ elements }) => updateItems(elements)));
      const sums = runtime.arena.allocate(items * 8, 'optimizer');
      const squares = (gradient: number, elements: number): number => {
        runtime.run('norm_squares', updateItems(elements), gradient, sums, elements);
        return runtime.arena.f64(sums, updateItems(elements)).reduce((sum, part) => sum + part, 0);
      };
      return () => {
        for (const group of groups) {
          const size = Math.sqrt(group.reduce((sum, { gradient, elements }) => sum + squares(gradient, elements), 0));
          if (!(size > norm)) continue;
          for (const { gradient, elements } of group === binary ? [...binary, ...parts] : group)
            runtime.run('norm_scale', updateItems(elements), gradient, elements, norm / size);
        }
      };
    },
  };
}
