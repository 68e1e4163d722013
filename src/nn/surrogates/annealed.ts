/**
 * Temperatures that rise over a run: `t = tMin (tMax / tMin)^progress`.
 *
 * @module
 */

import { argumentError, requireNumber } from '../../core/errors.js';
import type { Runtime } from '../../core/runtime.js';

export interface AnnealOptions {
  /** t at the start of the run, above 0. */
  tMin?: number;
  /** t at its end, at least tMin and at most 1000. */
  tMax?: number;
}

/** The options with the given defaults. Throws for what is out of range. */
export function annealOptions(name: string, options: AnnealOptions, tMinDefault: number, tMaxDefault: number): Required<AnnealOptions> {
  const { tMin = tMinDefault, tMax = tMaxDefault } = options;
  if (!(tMin > 0)) throw argumentError(`${name}.tMin`, tMin, 'a positive number');
  requireNumber(`${name}.tMax`, tMax, tMin, 1000);
  return { tMin, tMax };
}

export function annealed({ tMin, tMax }: Required<AnnealOptions>, progress: number, math: Runtime['math']): number {
  return tMin * math.exp(progress * math.log(tMax / tMin));
}
