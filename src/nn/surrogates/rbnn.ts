/**
 * RBNN: `dv = g max(0, sqrt(2) t - t^2 |v|)`, t rising from tMin to tMax over the run, below 1 counted as 1.
 *
 * Lin et al., "Rotated Binary Neural Network", NeurIPS 2020, as its code treats activations: k = 1 and t >= 1, where weights have k = max(1 / t, 1).
 *
 * @module
 */
import { type AnnealOptions, annealed, annealOptions } from './annealed.js';
import type { Surrogate } from './surrogate.js';

/** Default t: from 0.01 to 10. */
export function rbnn(options: AnnealOptions = {}): Surrogate {
  const range = annealOptions('rbnn', options, 0.01, 10);
  return {
    name: 'rbnn',
    options: { ...range },
    line(progress, math) {
      const t = Math.max(1, annealed(range, progress, math));
      return [Math.SQRT2 * t, t * t];
    },
  };
}
