/**
 * ProxQuant: real weights, pulled towards ±1 after every step by a proximal operator, more and more; then signs, which stay.
 *
 *     w <- prox(w - step(dL/dw)),   prox(w) = sign(w) (1 + shrink(|w| - 1)),   shrink(d) = sign(d) max(|d| - strength, 0)
 *     strength rises in a line with the run, up to the share `freeze` of it, and adds up to `pull`; then w <- sign(w), for good
 *
 * Bai, Wang and Liberty, "ProxQuant: Quantized Neural Networks via Proximal Operators", ICLR 2019. The gradient is that at w itself: no straight-through. Published for CIFAR-10: Adam at
 * 0.01, strength = 0.01 * 1e-4 * epoch, signs after epoch 200 of 300 (so `freeze` 2/3; at batch 128 the strength adds up to 7.8), from weights trained in f32. Here the run starts from
 * scratch, and the strength does not follow the learning rate.
 *
 * @module
 */
import { argumentError, requireNumber } from '../../core/errors.js';
import { realWeightProduct } from '../../nn/real-weight-product.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { LatentState } from './latent.js';
import { clearSpare } from './latent-array.js';
import { packRelaxed } from './relaxed.js';

export interface ProxquantOptions {
  /** What all proximal steps together may move a weight, from 0. Default 1. */
  pull?: number;
  /** Share of the run, above 0 and up to 1, after which the weights are signs and stay so. Default 2/3. */
  freeze?: number;
}

export function proxquant(options: ProxquantOptions = {}): TrainingMethod {
  const { pull = 1, freeze = 2 / 3 } = options;
  requireNumber('proxquant.pull', pull, 0);
  if (!(freeze > 0 && freeze <= 1)) throw argumentError('proxquant.freeze', freeze, 'a number above 0 and up to 1');
  return {
    name: 'proxquant',
    options: { pull, freeze },
    stochastic: false,
    kernels: methodKernels,
    realWeights: realWeightProduct,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { runtime, data } = latents;
        const { elements } = parameter;
        const items = updateItems(elements);
        return {
          pack: (draw) =>
            packRelaxed(latents, draw, (real) => {
              runtime.arena.f32(real, elements).set(runtime.arena.f32(data, elements));
            }),
          frozen: (progress) => progress >= freeze,
          updated(progress, share) {
            if (progress + share >= freeze) {
              runtime.run('sign_f32', items, data, elements, 1);
              clearSpare(runtime, parameter, data);
            } else runtime.run('prox_binary', items, data, elements, (pull * (2 * progress + share) * share) / (freeze * freeze));
          },
        };
      }),
  };
}
