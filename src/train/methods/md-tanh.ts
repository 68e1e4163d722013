/**
 * MD-tanh: mirror descent with the map tanh, in its stable form, which keeps the dual variable.
 *
 *     w = tanh(beta u) in training, sign(u) in evaluation
 *     u <- u - step(dL/dw)     the optimizer's step on the gradient as it is, without the derivative of tanh
 *     beta = betaMin (betaMax / betaMin)^progress
 *
 * With plain gradient descent, atanh(w) <- atanh(w) - rate beta dL/dw. Ajanthan, Gupta, Torr, Hartley and Dokania, "Mirror Descent View for Neural Network
 * Quantization", AISTATS 2021 (MD-tanh-S). Published for CIFAR: Adam at 1e-3, batch 128, 100,000 steps, beta multiplied by 1.01 to 1.2 every 100 to 2,000 of them; here it
 * grows by as much over a run of any length.
 *
 * @module
 */
import { realWeightProduct } from '../../nn/real-weight-product.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { LatentState } from './latent.js';
import { type AnnealOptions, betaSchedule, packRelaxed } from './relaxed.js';

export interface MdTanhOptions extends AnnealOptions {
  /** Default 1. */
  betaMin?: number;
  /** Default 10,000. */
  betaMax?: number;
}

export function mdTanh(options: MdTanhOptions = {}): TrainingMethod {
  const { betaMin = 1, betaMax = 1e4 } = options;
  const beta = betaSchedule('mdTanh', betaMin, betaMax);
  return {
    name: 'md-tanh',
    options: { betaMin, betaMax },
    stochastic: false,
    realWeights: realWeightProduct,
    kernels: methodKernels,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => ({
        pack: (draw) =>
          packRelaxed(latents, draw, (real, progress) => {
            const { runtime, data } = latents;
            const { elements } = parameter;
            runtime.run('relax_tanh', updateItems(elements), data, real, elements, beta(runtime.math, progress));
          }),
      })),
  };
}
