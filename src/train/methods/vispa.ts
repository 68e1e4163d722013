/**
 * VISPA: Gaussian variational inference with a low-rank covariance, rounded to signs (Orecchia et al., NeurIPS 2024, Algorithm 1 and the authors' code).
 *
 *     w = M + sum over k of eps_k / sqrt(S) Z_k,   eps ~ N(0, I_K), one draw per layer and forward pass,   W = sign(w)
 *     dM = g,   dZ_k = eps_k g                     g = dL/dW (identity straight-through); the published gradients
 *     factorGradient 'true':  dZ_k = eps_k / sqrt(S) g, the gradient of the formula above (Theorem 1)
 *     noise:        how eps is drawn in training; see `low-rank-noise`
 *     noiseAnneal:  eps is multiplied by f = min(1, (1 - progress) / noiseAnneal) in training
 *     normalize 'row':  M_i, Z_ki <- M_i, Z_ki divided by sqrt(M_i^2 + sum_k Z_ki^2 / S) after every update
 *
 * The authors' code multiplies the true gradient of Z by sqrt(S), so S scales both the start and the learning rate of the noise. Steps whose size does not
 * depend on that of the gradient (nsgd, muon, adamw) are the same with both.
 *
 * @module
 */
import { argumentError, requireInteger, requireNumber, requireOneOf } from '../../core/errors.js';
import type { TrainingMethod } from '../method.js';
import { GaussianState } from './gaussian.js';
import type { PerGroup } from './group-draws.js';
import { lowRankNoise, NOISES } from './low-rank-noise.js';

export interface VispaOptions {
  /** K, 0..64; 0 equals ste. Default 2. */
  rank?: number;
  /** S, the squared ratio between the factor and the noise. Default 100. */
  noiseScale?: number;
  /** 'none' (the published code, default) or 'row' (the paper's Algorithm 1). */
  normalize?: 'none' | 'row';
  /**
   * Share of the run, 0..1, at its end, over which the noise of training falls to nothing, so that the mode is the network that was settled.
   * Samples for evaluation keep their noise. Default 0: it stays.
   */
  noiseAnneal?: number;
  /**
   * Noise of training draws: 'gaussian' (default, as published); 'antithetic': every second draw is the one before with its noise reversed; 'sigma-points':
   * ±sqrt(K) along one factor, each of the 2K once in 2K steps.
   */
  noise?: 'gaussian' | 'antithetic' | 'sigma-points';
  /** Gradient of the factor: 'published' (default), or the 'true' one, smaller by sqrt(S); they differ for optimizers that see its size, such as sgd. */
  factorGradient?: 'published' | 'true';
  /** How many draws a training step has: one per layer ('step', default), or `groupDraws()`: one for every 64 images, as training on several processors has. */
  draws?: 'step' | PerGroup;
}

export function vispa(options: VispaOptions = {}): TrainingMethod {
  const {
    rank = 2,
    noiseScale = 100,
    normalize = 'none',
    noiseAnneal = 0,
    noise = 'gaussian',
    factorGradient = 'published',
    draws = 'step',
  } = options;
  requireInteger('vispa.rank', rank, 0, 64);
  if (!(noiseScale > 0 && Number.isFinite(noiseScale))) throw argumentError('vispa.noiseScale', noiseScale, 'a positive finite number');
  requireNumber('vispa.noiseAnneal', noiseAnneal, 0, 1);
  requireOneOf('vispa.normalize', normalize, ['none', 'row']);
  requireOneOf('vispa.noise', noise, NOISES);
  requireOneOf('vispa.factorGradient', factorGradient, ['published', 'true']);
  if (draws !== 'step' && typeof draws?.create !== 'function') throw argumentError('vispa.draws', draws, "'step' or groupDraws()");
  const random =
    rank > 0 ? lowRankNoise({ rank, scale: noiseScale, kind: noise, anneal: noiseAnneal, gradient: factorGradient }) : undefined;
  const grouped = draws !== 'step' && rank > 0 ? draws : undefined;
  return {
    name: 'vispa',
    options: { rank, noiseScale, normalize, noiseAnneal, noise, factorGradient, draws: draws === 'step' ? draws : draws.name },
    stochastic: rank > 0,
    sigmaPoints: 2 * rank,
    products: grouped?.products,
    kernels: grouped?.kernels,
    init: (parameter, context) =>
      new GaussianState(parameter, context, {
        rank,
        noise: random,
        groups: random && grouped?.create(parameter, context, random, rank),
        normalize: normalize === 'row' ? noiseScale : 0,
        clip: Number.POSITIVE_INFINITY,
      }),
  };
}
