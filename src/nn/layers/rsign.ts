/**
 * RSign: `y = x + shift` with one learnable shift per channel, whose sign the binary layer behind it takes (Liu et al., "ReActNet", ECCV 2020).
 *
 *     dx = dy,   dshift = sum of dy
 *
 * @module
 */
import type { ActivationLayer } from '../layer.js';

/** x [H, W, C] -> the same shape. Shifts start at 0. In front of any other layer it is a plain shift. */
export function rsign(): ActivationLayer {
  return {
    type: 'rsign',
    stage: 'activation',
    slope: 1,
    learnable: false,
    limit: Number.POSITIVE_INFINITY,
    build(context, name, channels) {
      const shift = context.real(`${name}.shift`, [channels], { constant: 0 });
      const { arena } = context.runtime;
      return {
        parameters: [shift],
        affine: true,
        apply(_, b) {
          const values = arena.f32(shift.data, channels);
          for (let c = 0; c < channels; c++) b[c] += values[c];
          return new Float32Array(channels).fill(1);
        },
        backward(sums) {
          const gradient = arena.f32(shift.gradient, channels);
          for (let c = 0; c < channels; c++) gradient[c] = sums[4 * c];
          return sums;
        },
      };
    },
  };
}
