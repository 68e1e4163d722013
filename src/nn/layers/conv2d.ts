/**
 * 2-D convolution in f32: `y[o] = sum over taps k of W[k] x[o * stride - padding + k] + b`.
 *
 * @module
 */
import { type Conv2dOptions, convGeometry } from '../conv-shape.js';
import type { ProductLayer } from '../layer.js';
import { buildRealProduct } from '../real-product.js';
import type { RealTensor } from '../tensor.js';

export interface RealConv2dOptions extends Conv2dOptions {
  /** Default true. */
  bias?: boolean;
}

/**
 * x f32 [H, W, C] -> f32 [H', W', outChannels], H' = floor((H + 2 padding - kernelSize) / stride) + 1.
 * Weights start uniform in ±1 / sqrt(fan-in).
 */
export function conv2d(outChannels: number, options: RealConv2dOptions): ProductLayer {
  return {
    type: 'conv2d',
    stage: 'product',
    options: { outChannels, ...options },
    input: 'f32',
    build: (context, name, input) =>
      buildRealProduct(
        context,
        name,
        input as RealTensor,
        convGeometry(name, input.shape, outChannels, options),
        options.bias ?? true,
        false,
      ),
  };
}
