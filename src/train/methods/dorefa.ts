/**
 * DoReFa-Net's 1-bit weights: one scale per layer.
 *
 *     b = alpha sign(w),   alpha = mean |w| of the layer
 *     dw = dL/db           (identity straight-through)
 *
 * Zhou et al., 2016, section 2.3. Its 1-bit activations of {0, 1} are not part of it: activations are ±1, as everywhere here.
 *
 * @module
 */

import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { scaledSigns } from './scaled.js';

export function dorefa(): TrainingMethod {
  return {
    name: 'dorefa',
    options: {},
    stochastic: false,
    kernels: methodKernels,
    scaled: true,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) =>
        scaledSigns(latents, 'layer', (alpha) => ({ inside: 1 / alpha, outside: 1 / alpha })),
      ),
  };
}
