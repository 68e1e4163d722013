/**
 * BayesBiNN: a Bernoulli distribution over every sign, learned by its natural parameter, with relaxed weights at a low temperature.
 *
 *     q(w) = Bernoulli on ±1 with mean mu = tanh(lambda);   one draw per weight and step
 *     s = (1 - w^2 + 1e-10) / (tau (1 - mu^2 + 1e-10)),   d = N s dL/dw + kl lambda,   N = dataScale * training samples
 *     m <- beta m + (1 - beta) d,   lambda <- lambda - rate m / (1 - beta^t)
 *
 * Meng, Bachmann and Khan, "Training Binary Neural Networks using the Bayesian Learning Rule", ICML 2020, and the authors' code. There w is
 * tanh((lambda + delta) / tau), delta = atanh(u), u uniform in ±1. From a temperature of 0.01 on it is that here, too: real weights in training. At the published ones (1e-10, 1e-8) these
 * are signs but for rounding: w = sign(lambda + delta) here, and s has w^2 = 1. In f32, which is the authors' type, too, 1 - mu^2 is 0 from |lambda| = 9.02 on, so s is 1 / tau for
 * every weight that is settled, and what is left is the sign of an average of gradients that forgets at the learning rate. Published with 0.01: permuted MNIST.
 *
 * The learning rate is that of lambda; the optimizer has no part in it. mu is that of the current lambda; the authors' code is a step behind.
 *
 * @module
 */
import { argumentError, requireNumber } from '../../core/errors.js';
import { realWeightProduct } from '../../nn/real-weight-product.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { updateItems } from '../optimizers/optimizer.js';
import { BernoulliSigns } from './bernoulli.js';
import { LatentState } from './latent.js';
import { clearSpare } from './latent-array.js';
import { stepCounter, writeSigns } from './relaxed.js';

export interface BayesbinnOptions {
  /** tau, above 0 and at most 100; from 0.01 on weights are real in training. Default 1e-10. */
  temperature?: number;
  /** N is this times the training samples, above 0. Default 10, as for CIFAR; 1 for MNIST. */
  dataScale?: number;
  /** beta, 0..0.999999. Default 0. */
  momentum?: number;
  /** Weight of the prior, whose lambda is 0, from 0. Default 1. */
  kl?: number;
  /** lambda starts at ± this, above 0. Default 10. */
  lambda?: number;
}

/** From here on the published relaxation is no sign any more. */
const RELAXED = 0.01;

export function bayesbinn(options: BayesbinnOptions = {}): TrainingMethod {
  const { temperature = 1e-10, dataScale = 10, momentum = 0, kl = 1, lambda = 10 } = options;
  if (!(temperature > 0 && temperature <= 100)) throw argumentError('bayesbinn.temperature', temperature, 'a number above 0 and up to 100');
  const relaxed = temperature >= RELAXED;
  if (!(dataScale > 0 && Number.isFinite(dataScale))) throw argumentError('bayesbinn.dataScale', dataScale, 'a positive finite number');
  requireNumber('bayesbinn.momentum', momentum, 0, 0.999999);
  requireNumber('bayesbinn.kl', kl, 0);
  if (!(lambda > 0 && Number.isFinite(lambda))) throw argumentError('bayesbinn.lambda', lambda, 'a positive finite number');
  return {
    name: 'bayesbinn',
    options: { temperature, dataScale, momentum, kl, lambda },
    stochastic: true,
    kernels: methodKernels,
    realWeights: relaxed ? realWeightProduct : undefined,
    learningRate: 3e-4,
    init: (parameter, context) =>
      new LatentState(
        parameter,
        context,
        (latents) => {
          const { runtime, data } = latents;
          const { elements, gradient, name, real } = parameter;
          const items = updateItems(elements);
          const random = new BernoulliSigns(latents);
          const mu = runtime.arena.allocate(elements * 4, 'optimizer');
          const m = momentum > 0 ? runtime.arena.allocate(elements * 4, 'optimizer') : 0;
          const size = dataScale * context.trainingSamples;
          const counter = stepCounter(name, momentum);
          runtime.run('sign_f32', items, data, elements, lambda);
          clearSpare(runtime, parameter, data);
          return {
            measure: () => runtime.run('tanh_f32', items, data, mu, elements),
            pack(draw) {
              random.pack(draw, mu);
              if (!relaxed) return;
              if (draw.kind === 'train') runtime.run('relax_bernoulli', items, data, random.noise, real, elements, temperature);
              else writeSigns(runtime, mu, real, elements, draw.kind === 'sample' ? random.noise : undefined);
            },
            step(rate) {
              const step = rate / counter.next();
              const rest = 1 - momentum;
              runtime.run('update_bayesbinn', items, data, mu, gradient, real, m, elements, temperature, size, kl, momentum, rest, step);
            },
            buffers: () => (m === 0 ? [] : [{ name: `${name}.m`, pointer: m, elements }]),
            counters: () => [counter],
          };
        },
        { role: 'lambda', noisy: true, ownStep: true },
      ),
  };
}
