/**
 * ReLU: `y = x < 0 ? 0 : x`; `dx = x < 0 ? 0 : dy`.
 *
 * For layers that take real values: in front of a sign it makes every sign +1.
 *
 * @module
 */
import type { ActivationLayer } from '../layer.js';

/** x [H, W, C] -> the same shape. */
export function relu(): ActivationLayer {
  return { type: 'relu', stage: 'activation', slope: 0, learnable: false, limit: Number.POSITIVE_INFINITY };
}
