/**
 * PMF, proximal mean-field: every weight is the mean of a distribution over -1 and +1 that sharpens over the run.
 *
 *     w = p(+1) - p(-1) = tanh(beta u),   p = softmax(±beta u), in training; sign(u) in evaluation
 *     du = beta (1 - w^2 / 2) dL/dw;   jacobian 'exact':  du = beta (1 - w^2) dL/dw
 *     beta = betaMin (betaMax / betaMin)^progress
 *
 * Ajanthan, Dokania, Hartley and Torr, "Proximal Mean-field for Neural Network Quantization", ICCV 2019. u is half the difference of the two logits of a weight. The
 * authors' code has I - p p^T in place of the softmax's Jacobian diag(p) - p p^T, and this is what (1 - w^2 / 2) is: a settled weight keeps half of its gradient. Published for CIFAR:
 * Adam at 1e-3 (1e-4), rate times 0.3 in steps, beta multiplied by 1.1 every 1,000 steps (1.01 every 100, 1.05 every 500), up to 10,000; here it grows by as much over a run of any
 * length.
 *
 * @module
 */
import { requireOneOf } from '../../core/errors.js';
import { realWeightProduct } from '../../nn/real-weight-product.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { LatentState } from './latent.js';
import { type AnnealOptions, betaSchedule, packRelaxed } from './relaxed.js';

export interface PmfOptions extends AnnealOptions {
  /** Default 1. */
  betaMin?: number;
  /** Default 10,000. */
  betaMax?: number;
  /** 'published' (the authors' code, default) or 'exact'. */
  jacobian?: 'published' | 'exact';
}

export function pmf(options: PmfOptions = {}): TrainingMethod {
  const { betaMin = 1, betaMax = 1e4, jacobian = 'published' } = options;
  const beta = betaSchedule('pmf', betaMin, betaMax);
  requireOneOf('pmf.jacobian', jacobian, ['published', 'exact']);
  return {
    name: 'pmf',
    options: { betaMin, betaMax, jacobian },
    stochastic: false,
    realWeights: realWeightProduct,
    kernels: methodKernels,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { runtime, data } = latents;
        const { elements, gradient, real } = parameter;
        const items = updateItems(elements);
        return {
          pack: (draw) =>
            packRelaxed(latents, draw, (to, progress) => {
              runtime.run('relax_tanh', items, data, to, elements, beta(runtime.math, progress));
            }),
          gradient(progress) {
            const slope = beta(runtime.math, progress);
            runtime.run('relax_tanh_dw', items, gradient, real, elements, slope, jacobian === 'exact' ? slope : slope / 2);
          },
        };
      }),
  };
}
