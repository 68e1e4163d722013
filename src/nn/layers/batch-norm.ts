/**
 * Batch normalisation per channel: `y = gamma (x - mean) / sqrt(var + epsilon) + beta` (Ioffe and Szegedy, ICML 2015).
 *
 * Training uses the statistics of the batch (biased variance) and keeps running ones: `running += momentum (batch - running)`, the variance
 * unbiased, as in PyTorch; evaluation uses the running ones.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import type { NormLayer } from '../layer.js';

export interface BatchNormOptions {
  /** Default 1e-5. */
  epsilon?: number;
  /** Weight of the newest batch in the running statistics, 0..1. Default 0.1. */
  momentum?: number;
}

/** x [H, W, C] -> the same shape. gamma starts at 1, beta at 0. */
export function batchNorm(options: BatchNormOptions = {}): NormLayer {
  const { epsilon = 1e-5, momentum = 0.1 } = options;
  requireNumber('batchNorm.epsilon', epsilon, 0);
  requireNumber('batchNorm.momentum', momentum, 0, 1);
  return { type: 'batchNorm', stage: 'norm', epsilon, momentum };
}
