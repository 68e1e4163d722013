/**
 * ReCU: standardised weights that are clamped to a quantile, which the run narrows to fewer of them; what is clamped gets no gradient of its own.
 *
 *     y = 2 sqrt(2) (w - mean) / sqrt(variance + 1e-5) per filter,   b = sign(clamp(y, -Q, Q)),   Q = -mean |y| ln(2 - 2 tau), mean over the layer
 *     dy = dL/db 1[|y| <= Q],   dw through mean and variance;   Q is a constant in the backward pass
 *     tau = A e^progress + B,   A = (tauMax - tauMin) / (e - 1),   B = tauMin - A
 *
 * Xu et al., ICCV 2021, and the authors' code. The published nets have a learnable scale per filter (`alpha: true` of the layers) and divide activations by
 * their deviation in training, which is not part of it.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import { methodKernels } from '../../wasm/methods.js';
import type { TrainingMethod } from '../method.js';
import { LatentState } from './latent.js';
import { Standardized } from './standardized.js';

export interface RecuOptions {
  /** At the start of the run, above 0.5 and below 1. Default 0.85. */
  tauMin?: number;
  /** At its end, from tauMin to below 1. Default 0.99. */
  tauMax?: number;
}

/** 1e-6 short of the ends, where Q is 0 or infinite. */
const EDGE = 1e-6;

export function recu(options: RecuOptions = {}): TrainingMethod {
  const { tauMin = 0.85, tauMax = 0.99 } = options;
  requireNumber('recu.tauMin', tauMin, 0.5 + EDGE, 1 - EDGE);
  requireNumber('recu.tauMax', tauMax, tauMin, 1 - EDGE);
  return {
    name: 'recu',
    options: { tauMin, tauMax },
    stochastic: false,
    kernels: methodKernels,
    init: (parameter, context) =>
      new LatentState(parameter, context, (latents) => {
        const { math } = latents.runtime;
        const weights = new Standardized(latents, 1e-5);
        return {
          measure: () => weights.measure(),
          pack: () => weights.pack(),
          gradient(progress) {
            const rise = (tauMax - tauMin) / (math.exp(1) - 1);
            const tau = rise * (math.exp(progress) - 1) + tauMin;
            const mean = weights.meanAbsolute.reduce((sum, value) => sum + value, 0) / parameter.shape.cout;
            weights.gradient('clamp', -mean * math.log(2 - 2 * tau), 2 * Math.SQRT2);
          },
        };
      }),
  };
}
