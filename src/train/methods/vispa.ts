/**
 * VISPA: Gaussian variational inference with a low-rank covariance, rounded to signs (Orecchia et al., NeurIPS 2024, Algorithm 1 and the authors' code).
 *
 *     w = M + sum over k of eps_k / sqrt(S) Z_k,   eps ~ N(0, I_K), one draw per layer and forward pass,   W = sign(w)
 *     dM = g,   dZ_k = eps_k g                     g = dL/dW (identity straight-through); the published gradients
 *     noiseAnneal:  eps is multiplied by f = min(1, (1 - progress) / noiseAnneal) in training
 *     normalize 'row':  M_i, Z_ki <- M_i, Z_ki divided by sqrt(M_i^2 + sum_k Z_ki^2 / S) after every update
 *
 * The authors' code multiplies the true gradient of Z by sqrt(S), so S scales both the start and the learning rate of the noise.
 *
 * @module
 */
import { argumentError, requireInteger, requireNumber, requireOneOf } from '../../core/errors.js';
import type { TrainingMethod } from '../method.js';
import { GaussianState } from './gaussian.js';

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
}

export function vispa(options: VispaOptions = {}): TrainingMethod {
  const { rank = 2, noiseScale = 100, normalize = 'none', noiseAnneal = 0 } = options;
  requireInteger('vispa.rank', rank, 0, 64);
  if (!(noiseScale > 0 && Number.isFinite(noiseScale))) throw argumentError('vispa.noiseScale', noiseScale, 'a positive finite number');
  requireNumber('vispa.noiseAnneal', noiseAnneal, 0, 1);
  requireOneOf('vispa.normalize', normalize, ['none', 'row']);
  return {
    name: 'vispa',
    options: { rank, noiseScale, normalize, noiseAnneal },
    stochastic: rank > 0,
    init: (parameter, context) =>
      new GaussianState(parameter, context, {
        rank,
        scale: noiseScale,
        normalize: normalize === 'row',
        clip: Number.POSITIVE_INFINITY,
        anneal: noiseAnneal,
      }),
  };
}
