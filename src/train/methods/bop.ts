/**
 * Bop: no latent weights; a sign flips when the average of its gradients says so clearly enough.
 *
 *     m <- (1 - gamma) m + gamma dL/dw,   w <- -w where w m > threshold
 *
 * Helwegen et al., "Latent Weights Do Not Exist: Rethinking Binarized Neural Network Optimization", NeurIPS 2019. gamma is the learning rate of the binary
 * weights, with its schedule; the optimizer has no part in them. At w m = threshold nothing flips.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { LatentState } from './latent.js';
import { clearSpare } from './latent-array.js';

export interface BopOptions {
  /** From 0. Default 1e-8. */
  threshold?: number;
}

export function bop(options: BopOptions = {}): TrainingMethod {
  const { threshold = 1e-8 } = options;
  requireNumber('bop.threshold', threshold, 0);
  return {
    name: 'bop',
    options: { threshold },
    stochastic: false,
    kernels: methodKernels,
    learningRate: 1e-4,
    init: (parameter, context) =>
      new LatentState(
        parameter,
        context,
        ({ runtime, data }) => {
          const { elements, gradient, name } = parameter;
          const items = updateItems(elements);
          const m = runtime.arena.allocate(elements * 4, 'optimizer');
          runtime.run('sign_f32', items, data, elements, 1);
          clearSpare(runtime, parameter, data);
          return {
            step: (gamma) => runtime.run('update_bop', items, data, gradient, m, elements, 1 - gamma, gamma, threshold),
            buffers: () => [{ name: `${name}.m`, pointer: m, elements }],
          };
        },
        { role: 'sign', ownStep: true },
      ),
  };
}
