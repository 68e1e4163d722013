/**
 * PReLU: `y = x < 0 ? slope x : x` with one learnable slope per channel (He et al., ICCV 2015).
 *
 * In front of a sign a positive slope changes gradients only.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import type { ActivationLayer } from '../layer.js';

/** x [H, W, C] -> the same shape. Slopes start at `slope`, default 0.25. */
export function prelu(options: { slope?: number } = {}): ActivationLayer {
  const { slope = 0.25 } = options;
  requireNumber('prelu.slope', slope, -1e6, 1e6);
  return {
    type: 'prelu',
    stage: 'activation',
    slope,
    learnable: true,
    limit: Number.POSITIVE_INFINITY,
    build(context, name, channels) {
      const parameter = context.real(`${name}.slope`, [channels], { constant: slope });
      const { arena } = context.runtime;
      return {
        parameters: [parameter],
        affine: false,
        apply: () => arena.f32(parameter.data, channels).slice(),
        backward(sums) {
          const gradient = arena.f32(parameter.gradient, channels);
          for (let c = 0; c < channels; c++) gradient[c] = sums[4 * c + 2];
          return sums;
        },
      };
    },
  };
}
