/**
 * XNOR-Net's weights: every filter has the scale that brings its signs closest to it.
 *
 *     b = alpha sign(w),   alpha = mean |w| of the filter of n weights
 *     dw = dL/db (1 / n + alpha 1[|w| <= 1])
 *
 * Rastegari et al., ECCV 2016, section 3.1 and its gradient; the map of scales of the activations (K there) is left out, as in most later work.
 *
 * @module
 */

import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { scaledSigns } from './scaled.js';

export function xnor(): TrainingMethod {
  return {
    name: 'xnor',
    options: {},
    stochastic: false,
    kernels: methodKernels,
    scaled: true,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) =>
        scaledSigns(latents, 'filter', (alpha, n) => ({ inside: 1 / (n * alpha) + 1, outside: 1 / (n * alpha) })),
      ),
  };
}
