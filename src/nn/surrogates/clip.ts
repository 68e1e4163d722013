/**
 * Clipped straight-through: `dv = g` where `|v| <= 1`, else 0 (Courbariaux et al., "Binarized Neural Networks", NeurIPS 2016).
 *
 * @module
 */
import type { Surrogate } from './surrogate.js';

export function clip(): Surrogate {
  return { name: 'clip', options: {}, line: () => [1, 0, 1] };
}
