/**
 * Fully connected layer in f32: `y = W x + b`.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import { convGeometry } from '../conv-shape.js';
import type { ProductLayer } from '../layer.js';
import { buildRealProduct } from '../real-product.js';
import { positions, type RealTensor } from '../tensor.js';

export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
}

/** x f32 [features] -> f32 [outFeatures]; put `flatten()` in front of it. Weights start uniform in ±1 / sqrt(features). */
export function linear(outFeatures: number, options: LinearOptions = {}): ProductLayer {
  return {
    type: 'linear',
    stage: 'product',
    options: { outFeatures, ...options },
    input: 'f32',
    build(context, name, input) {
      if (positions(input.shape) !== 1)
        throw argumentError(`${name}: input`, `${input.shape.height}x${input.shape.width} map`, 'features: put flatten() in front');
      return buildRealProduct(
        context,
        name,
        input as RealTensor,
        convGeometry(name, input.shape, outFeatures, { kernelSize: 1 }),
        options.bias ?? true,
        true,
      );
    },
  };
}
