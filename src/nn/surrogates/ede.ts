/**
 * EDE, the error decay estimator: `dv = g k t (1 - tanh^2(t v))`, k = max(1 / t, 1), t rising from tMin to tMax over the run: from the identity to
 * the sign (Qin et al., "Forward and Backward Information Retention", CVPR 2020).
 *
 * @module
 */
import { type AnnealOptions, annealed, annealOptions } from './annealed.js';
import { curve } from './curve.js';
import type { Surrogate } from './surrogate.js';

/** Default t: from 0.1, which is 0.001 in the code for ResNet-20, to 10. */
export function ede(options: AnnealOptions = {}): Surrogate {
  const range = annealOptions('ede', options, 0.1, 10);
  return curve('ede', { ...range }, 'ede', (progress, math) => {
    const t = annealed(range, progress, math);
    return [t, Math.max(1, t)];
  });
}
