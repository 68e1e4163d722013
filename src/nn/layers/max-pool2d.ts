/**
 * Max pool over windows that do not overlap: `y = max of x in the window`; the gradient goes to the first maximum in row-major order.
 *
 * @module
 */
import { requireInteger } from '../../core/errors.js';
import type { PoolLayer } from '../layer.js';

/** x [H, W, C] -> [floor(H / size), floor(W / size), C]; size 1..15. Behind a binary convolution it pools the exact integers. */
export function maxPool2d(size: number): PoolLayer {
  requireInteger('maxPool2d.size', size, 1, 15);
  return { type: 'maxPool2d', stage: 'pool', size };
}
