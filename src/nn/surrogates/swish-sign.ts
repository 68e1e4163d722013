/**
 * SwishSign: `dv = g beta (2 - beta v tanh(beta v / 2)) / (1 + cosh(beta v))` (Darabi et al., "BNN+: Improved Binary Network Training", 2018).
 *
 * Negative beyond |v| of about 2.4 / beta.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import { curve } from './curve.js';
import type { Surrogate } from './surrogate.js';

/** beta: above 0, at most 1000, default 5. */
export function swishSign(options: { beta?: number } = {}): Surrogate {
  const { beta = 5 } = options;
  if (!(beta > 0 && beta <= 1000)) throw argumentError('swishSign.beta', beta, 'a number above 0 and up to 1000');
  return curve('swish-sign', { beta }, 'swish', () => [beta]);
}
