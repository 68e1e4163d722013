/**
 * ReSTE, the rectified straight-through estimator: the derivative of sign(v) |v|^(1/o),
 *
 *     dv = g (1/o) |v|^((1 - o) / o)  where m < |v| <= t,   g m^(1/o) / m  where |v| <= m,   0 beyond t
 *
 * o rises in a line from oMin to oMax over the run, from the clipped identity towards the sign. Wu et al., "Estimator Meets Equilibrium Perspective",
 * ICCV 2023.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import { curve } from './curve.js';
import type { Surrogate } from './surrogate.js';

export interface ResteOptions {
  /** o at the start of the run, at least 1. Default 1. */
  oMin?: number;
  /** o at its end, from oMin to 100. Default 3. */
  oMax?: number;
  /** Up to there the derivative is that of a secant, above 0. Default 0.1. */
  m?: number;
  /** Beyond it there is no gradient, m or more. Default 1.5. */
  t?: number;
}

export function reste(options: ResteOptions = {}): Surrogate {
  const { oMin = 1, oMax = 3, m = 0.1, t = 1.5 } = options;
  requireNumber('reste.oMin', oMin, 1, 100);
  requireNumber('reste.oMax', oMax, oMin, 100);
  requireNumber('reste.m', m, 1e-6, 1e6);
  requireNumber('reste.t', t, m, 1e6);
  return curve('reste', { oMin, oMax, m, t }, 'reste', (progress, math) => {
    const o = oMin + progress * (oMax - oMin);
    const power = (o - 1) / o;
    // (1/o) |v|^-power = (1/o) t^-power / (|v| / t)^power
    return [m, t, power, math.exp(-power * math.log(t)) / o, math.exp(-power * math.log(m))];
  });
}
