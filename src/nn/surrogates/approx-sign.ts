/**
 * ApproxSign: `dv = g max(0, 2 - 2|v|)`, the derivative of a piecewise quadratic sign (Liu et al., "Bi-Real Net", ECCV 2018). The default.
 *
 * @module
 */
import type { Surrogate } from './surrogate.js';

export function approxSign(): Surrogate {
  return { name: 'approx-sign', options: {}, line: () => [2, 2] };
}
