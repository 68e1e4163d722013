/**
 * RPReLU: `y = u < 0 ? slope u : u, plus zeta, with u = x - gamma`; gamma, slope and zeta learnable per channel (Liu et al., "ReActNet", ECCV 2020).
 *
 *     dx = u < 0 ? slope dy : dy,   dgamma = -sum of dx,   dslope = sum of dy u where u < 0,   dzeta = sum of dy
 *
 * Two layers, since zeta comes behind the kink: a PReLU of x - gamma, and a shift (`rsign`). `sequential` takes both.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import type { ActivationLayer } from '../layer.js';
import { rsign } from './rsign.js';

/** x [H, W, C] -> the same shape. gamma and zeta start at 0, slopes at `slope`, default 0.25. Parameters: `.offset` (gamma), `.slope`, and `.shift` of the second layer. */
export function rprelu(options: { slope?: number } = {}): readonly ActivationLayer[] {
  const { slope = 0.25 } = options;
  requireNumber('rprelu.slope', slope, -1e6, 1e6);
  const bent: ActivationLayer = {
    type: 'rprelu',
    stage: 'activation',
    slope,
    learnable: true,
    limit: Number.POSITIVE_INFINITY,
    build(context, name, channels) {
      const offset = context.real(`${name}.offset`, [channels], { constant: 0 });
      const slopes = context.real(`${name}.slope`, [channels], { constant: slope });
      const { arena } = context.runtime;
      return {
        parameters: [offset, slopes],
        affine: true,
        apply(_, b) {
          const values = arena.f32(offset.data, channels);
          for (let c = 0; c < channels; c++) b[c] -= values[c];
          return arena.f32(slopes.data, channels).slice();
        },
        backward(sums) {
          const [dOffset, dSlope] = [offset, slopes].map(({ gradient }) => arena.f32(gradient, channels));
          for (let c = 0; c < channels; c++) {
            dOffset[c] = -sums[4 * c];
            dSlope[c] = sums[4 * c + 2];
          }
          return sums;
        },
      };
    },
  };
  return [bent, rsign()];
}
