/**
 * Bi-Real Net's weights: a detached scale per filter, and the gradient of a clip.
 *
 *     b = alpha sign(w),   alpha = mean |w| of the filter, a constant in the backward pass
 *     dw = dL/db 1[|w| <= 1]
 *
 * Liu et al., ECCV 2018, and the authors' PyTorch code. Its sign of activations, with ApproxSign's gradient, is the default of every binary layer here.
 *
 * @module
 */

import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { scaledSigns } from './scaled.js';

export function bireal(): TrainingMethod {
  return {
    name: 'bireal',
    options: {},
    stochastic: false,
    kernels: methodKernels,
    scaled: true,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => scaledSigns(latents, 'filter', (alpha) => ({ inside: 1 / alpha, outside: 0 }))),
  };
}
