/**
 * The 2K sigma points of a distribution of rank K as an ensemble: eps = ±sqrt(K) e_k with equal weights has the mean 0 and the covariance I_K of the
 * noise, exactly, with as few networks as that takes.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import type { Draw } from '../method.js';
import type { ExportChoice } from './choice.js';

/** The mode, and as members the points. */
export function sigmaPoints(): ExportChoice {
  return {
    name: 'sigma-points',
    check({ method }) {
      if (!method.sigmaPoints) throw argumentError('exportDraw', 'sigma-points', `another choice: ${method.name} has no sigma points`);
    },
    images: ({ method, reestimated, statistics, tested }) => statistics + (method.sigmaPoints ?? 0) * (reestimated + tested),
    choose: async ({ sigmaPoints: points = 0 }) => ({
      draw: { kind: 'mode' },
      members: Array.from({ length: points }, (_, index): Draw => ({ kind: 'point', index })),
    }),
  };
}
