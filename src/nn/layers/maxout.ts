/**
 * Maxout of two slopes: `y = x < 0 ? negative x : positive x`, both learnable per channel (Fontana, "CycleBNN", ECCV Workshops 2024).
 *
 *     dx = dy times the slope,   dnegative = sum of dy x where x < 0,   dpositive = sum of dy x elsewhere
 *
 * A positive slope below 0.001 counts as 0.001, so that no channel folds over; its gradient stays what it would be.
 *
 * @module
 */
import { requireNumber } from '../../core/errors.js';
import type { ActivationLayer } from '../layer.js';

const LEAST = 0.001;

export interface MaxoutOptions {
  /** Where slopes below 0 start. Default 0.25. */
  negative?: number;
  /** Where slopes from 0 on start, at least 0.001. Default 1. */
  positive?: number;
}

/** x [H, W, C] -> the same shape. */
export function maxout(options: MaxoutOptions = {}): ActivationLayer {
  const { negative = 0.25, positive = 1 } = options;
  requireNumber('maxout.negative', negative, -1e6, 1e6);
  requireNumber('maxout.positive', positive, LEAST, 1e6);
  return {
    type: 'maxout',
    stage: 'activation',
    slope: negative / positive,
    learnable: true,
    limit: Number.POSITIVE_INFINITY,
    build(context, name, channels) {
      const below = context.real(`${name}.negative`, [channels], { constant: negative });
      const above = context.real(`${name}.positive`, [channels], { constant: positive });
      const { arena } = context.runtime;
      const gains = (): Float64Array => Float64Array.from(arena.f32(above.data, channels), (p) => Math.max(p, LEAST));
      return {
        parameters: [below, above],
        affine: true,
        // The block's u is gain x, with the slope negative / gain below 0.
        apply(a, b) {
          const gain = gains();
          for (let c = 0; c < channels; c++) {
            a[c] *= gain[c];
            b[c] *= gain[c];
          }
          return Float32Array.from(arena.f32(below.data, channels), (n, c) => n / gain[c]);
        },
        backward(sums, constants) {
          const gain = gains();
          const [dBelow, dAbove] = [below, above].map(({ gradient }) => arena.f32(gradient, channels));
          const du = sums.slice();
          for (let c = 0; c < channels; c++) {
            const [a, b, slope] = constants.subarray(16 * c, 16 * c + 3);
            const [sum, product, bent] = sums.subarray(4 * c, 4 * c + 3);
            dBelow[c] = bent / gain[c];
            // sum of du u is slope times the part below 0 and the part from 0 on.
            dAbove[c] = (a * product + b * sum - slope * bent) / gain[c];
            du[4 * c] = gain[c] * sum;
            du[4 * c + 1] = gain[c] * product;
          }
          return du;
        },
      };
    },
  };
}
