/**
 * AdaSTE: weights with a jump at 0 that widens until they are signs, and a gradient whose slope adapts to it.
 *
 *     w = clamp((theta + beta (1 + alpha) sign(theta)) / (1 + beta), -1, 1) in training; sign(theta) in evaluation
 *     m <- mu m + (1 - mu) (N^2 f dL/dw + theta),   theta <- theta - rate m / (1 - mu^t),   N = dataScale * training samples
 *     beta = betaMin (1 / (alpha betaMin))^(progress / anneal), up to 1 / alpha: from then on w = sign(theta)
 *
 * The factor f, with |dL/dw| > 1e-3, else that of a step outwards of a weight that is not settled:
 *
 *     a step outwards    f = 1 / (1 + beta);  0 for a settled weight, |theta| > 1 - alpha beta
 *     a step back        f = the slope from theta to the other side of the jump, |w(theta) - w(-0)| / |theta|, at most 1/2
 *     w = sign(theta)    f = min(1 / |theta|, 1/2) back, 0 outwards, 1 for small gradients and |theta| <= 1e-3
 *
 * Le, Høier, Lin and Zach, "AdaSTE: An Adaptive Straight-Through Estimator to Train Binary Neural Networks", CVPR 2022, and the authors' code, where the slope of a step back has theta
 * for |theta| inside. Published for CIFAR: alpha 0.01, beta from 0.01, times 1.05 every epoch, so signs after 189 of 700 epochs; rate 3e-4 with cosine, mu 0.9, theta ± 10, batch 128. Here beta
 * grows by as much over that share of a run of any length.
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
import { packRelaxed, stepCounter } from './relaxed.js';

export interface AdasteOptions {
  /** Above 0 and at most 1. Default 0.01. */
  alpha?: number;
  /** beta at the start, above 0 and below 1 / alpha. Default 0.01. */
  betaMin?: number;
  /** Share of the run, above 0 and up to 1, after which the weights are signs. Default 0.27. */
  anneal?: number;
  /** N is this times the training samples, above 0. Default 1. */
  dataScale?: number;
  /** mu, 0..0.999999. Default 0.9. */
  momentum?: number;
  /** theta starts at ± this, above 0. Default 10. */
  theta?: number;
}

export function adaste(options: AdasteOptions = {}): TrainingMethod {
  const { alpha = 0.01, betaMin = 0.01, anneal = 0.27, dataScale = 1, momentum = 0.9, theta = 10 } = options;
  if (!(alpha > 0 && alpha <= 1)) throw argumentError('adaste.alpha', alpha, 'a number above 0 and up to 1');
  if (!(betaMin > 0 && betaMin < 1 / alpha)) throw argumentError('adaste.betaMin', betaMin, `a number above 0 and below ${1 / alpha}`);
  if (!(anneal > 0 && anneal <= 1)) throw argumentError('adaste.anneal', anneal, 'a number above 0 and up to 1');
  if (!(dataScale > 0 && Number.isFinite(dataScale))) throw argumentError('adaste.dataScale', dataScale, 'a positive finite number');
  requireNumber('adaste.momentum', momentum, 0, 0.999999);
  if (!(theta > 0 && Number.isFinite(theta))) throw argumentError('adaste.theta', theta, 'a positive finite number');
  return {
    name: 'adaste',
    options: { alpha, betaMin, anneal, dataScale, momentum, theta },
    stochastic: false,
    kernels: methodKernels,
    realWeights: realWeightProduct,
    learningRate: 3e-4,
    init: (parameter, context) =>
      new LatentState(
        parameter,
        context,
        (latents) => {
          const { runtime, data } = latents;
          const { elements, gradient, name } = parameter;
          const items = updateItems(elements);
          const m = runtime.arena.allocate(elements * 4, 'optimizer');
          const samples = dataScale * context.trainingSamples;
          const size = samples * samples;
          const counter = stepCounter(name, momentum);
          const { math } = runtime;
          const betaAt = (progress: number): number => betaMin * math.exp(-(progress / anneal) * math.log(alpha * betaMin));
          runtime.run('sign_f32', items, data, elements, theta);
          clearSpare(runtime, parameter, data);
          return {
            pack: (draw) =>
              packRelaxed(latents, draw, (real, progress) => {
                const beta = betaAt(progress);
                const [slope, jump] = progress < anneal ? [1 / (1 + beta), (beta * (1 + alpha)) / (1 + beta)] : [0, 1];
                runtime.run('relax_jump', items, data, real, elements, slope, jump);
              }),
            step(rate, progress) {
              const beta = betaAt(progress);
              const base = 1 / (1 + beta);
              const near = 2 * beta * (1 + alpha) * base;
              const slopes =
                progress < anneal
                  ? [base, 1e-6, Math.max(1e-6, 1 - alpha * beta), (1 + 2 * beta + alpha * beta) * base, near]
                  : [1, 1e-3, 1e-3, 1, 0];
              runtime.run(
                'update_adaste',
                items,
                data,
                gradient,
                m,
                elements,
                ...slopes,
                size,
                momentum,
                1 - momentum,
                rate / counter.next(),
              );
            },
            buffers: () => [{ name: `${name}.m`, pointer: m, elements }],
            counters: () => [counter],
          };
        },
        { role: 'theta', ownStep: true },
      ),
  };
}
