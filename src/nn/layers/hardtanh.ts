/**
 * Hard tanh: `y = min(max(x, -1), 1)`; `dx = dy` where `|x| <= 1`, else 0.
 *
 * @module
 */
import type { ActivationLayer } from '../layer.js';

/** x [H, W, C] -> the same shape. */
export function hardtanh(): ActivationLayer {
  return { type: 'hardtanh', stage: 'activation', slope: 1, learnable: false, limit: 1 };
}
