/**
 * SiMaN: the weights of larger magnitude are +1 and the others -1; the sign of a latent weight does not count.
 *
 *     y = (w - mean) / sqrt(variance + 1e-5) per filter,   b = +1 for the floor(n / 2) largest |y| of the filter's n weights, else -1
 *     d|y| = dL/db,   dw through |y|, mean and variance
 *
 * Lin et al., "SiMaN: Sign-to-Magnitude Network Binarization", TPAMI 2023, and the authors' code. Weights of equal magnitude at the border are all +1. Beyond
 * the ranking, the code clips magnitudes to quantiles of the layer, standardises activations, and learns a scale per filter (`alpha: true` of the layers)
 * that starts at mean |w|; the first two are not part of it.
 *
 * @module
 */

import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { Standardized } from './standardized.js';

export function siman(): TrainingMethod {
  return {
    name: 'siman',
    options: {},
    stochastic: false,
    kernels: methodKernels,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { runtime, data } = latents;
        const weights = new Standardized(latents, 1e-5);
        const { rows, tiles, mean } = weights.statistics;
        const threshold = weights.statistics.perFilter();
        return {
          measure() {
            weights.measure();
            runtime.run('filter_rank', tiles, data, mean, threshold, rows, Math.max(1, rows >> 1));
          },
          pack: () => weights.pack(threshold),
          gradient: () => weights.gradient('magnitude', 0, 1),
        };
      }),
  };
}
