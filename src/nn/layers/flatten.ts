/**
 * Flatten: [H, W, C] -> [H * W * C] in the order (h, w, c). Memory is reinterpreted, nothing moves.
 *
 * @module
 */
import type { ReshapeLayer } from '../layer.js';
import { features } from '../tensor.js';

export function flatten(): ReshapeLayer {
  return { type: 'flatten', stage: 'reshape', reshape: (shape) => ({ height: 1, width: 1, channels: features(shape) }) };
}
