/**
 * STE: latent weights and the identity straight-through estimator.
 *
 *     w = sign(M),   dM = dL/dw,   optional clip: M <- min(max(M, -clip), clip)
 *
 * Courbariaux et al., "Binarized Neural Networks", NeurIPS 2016 (with clip 1: BinaryConnect's weights); Bengio et al., 2013.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import type { TrainingMethod } from '../method.js';
import { GaussianState } from './gaussian.js';

export interface SteOptions {
  /** Latent weights stay in ±clip. Default: no clipping. */
  clip?: number;
}

export function ste(options: SteOptions = {}): TrainingMethod {
  const { clip = Number.POSITIVE_INFINITY } = options;
  if (!(clip > 0)) throw argumentError('ste.clip', clip, 'a positive number');
  return {
    name: 'ste',
    options: { clip: Number.isFinite(clip) ? clip : null }, // JSON has no infinity
    stochastic: false,
    init: (parameter, context) => new GaussianState(parameter, context, { rank: 0, normalize: 0, clip }),
  };
}
