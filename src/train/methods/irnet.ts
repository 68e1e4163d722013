/**
 * IR-Net: balanced, standardised weights, power-of-two scales, and a surrogate that sharpens over the run (EDE).
 *
 *     y = (w - mean) / sigma per filter,   b = s sign(y),   s = 2^round(log2 mean |y|), a constant in the backward pass
 *     dy = s dL/db k t (1 - tanh^2(t y)),   dw through mean and sigma
 *     t = tMin (tMax / tMin)^progress,   k = max(1 / t, 1)
 *
 * Qin et al., CVPR 2020, and the authors' code, which takes tMin = 0.001 for ResNet-20. EDE's other half, as the gradient of the sign of activations, is
 * the layers' `surrogate`.
 *
 * @module
 */
import { argumentError, requireNumber } from '../../core/errors.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { Standardized } from './standardized.js';

export interface IrnetOptions {
  /** t at the start of the run, above 0. Default 0.1. */
  tMin?: number;
  /** t at its end, at least tMin. Default 10. */
  tMax?: number;
}

export function irnet(options: IrnetOptions = {}): TrainingMethod {
  const { tMin = 0.1, tMax = 10 } = options;
  if (!(tMin > 0)) throw argumentError('irnet.tMin', tMin, 'a positive number');
  requireNumber('irnet.tMax', tMax, tMin, 1000);
  return {
    name: 'irnet',
    options: { tMin, tMax },
    stochastic: false,
    kernels: methodKernels,
    scaled: true,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { arena, math } = latents.runtime;
        const weights = new Standardized(latents, 0);
        return {
          measure() {
            weights.measure();
            const scale = arena.f32(parameter.scale, parameter.shape.cout);
            for (let c = 0; c < scale.length; c++) scale[c] = nearestPowerOfTwo(weights.meanAbsolute[c]);
          },
          pack: () => weights.pack(),
          gradient(progress) {
            const t = tMin * math.exp(progress * math.log(tMax / tMin));
            weights.gradient('ede', t, Math.max(1 / t, 1) * t);
          },
        };
      }),
  };
}

/** 2^round(log2 x) by comparisons; 1 for 0, where all weights of a filter are the same. */
export function nearestPowerOfTwo(x: number): number {
  let power = 1;
  if (!(x > 0 && Number.isFinite(x))) return power;
  while (x * x >= 2 * power * power) power *= 2;
  while (2 * x * x < power * power) power /= 2;
  return power;
}
