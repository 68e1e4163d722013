/**
 * Binary 2-D convolution, W1A1 unless it has other `activations`: `y[o] = alpha * sum over taps k of sign(W[k]) sign(x[o * stride - padding + k])`.
 *
 * Zero padding is applied after the sign, so taps outside the map are skipped. The gradient passes the sign of the weights unchanged
 * (identity straight-through) and the sign of the activations by a surrogate, ApproxSign `dx = dy max(0, 2 - 2|x|)` unless told otherwise.
 *
 * @module
 */
import type { ActivationFormat } from '../activation-format.js';
import { buildBinaryProduct } from '../binary-product.js';
import { type Conv2dOptions, convGeometry } from '../conv-shape.js';
import type { ProductLayer } from '../layer.js';
import type { Surrogate } from '../surrogates/surrogate.js';
import type { BitTensor, RealTensor } from '../tensor.js';
import { conv2d } from './conv2d.js';

export interface BinaryConv2dOptions extends Conv2dOptions {
  /**
   * Learnable scale per output channel, starting uniform in [0, 1) as in VISPA and ReCU. 'auto' (default): off in front of a batch norm, where it
   * is a dead parameter, on elsewhere.
   */
  alpha?: boolean | 'auto';
  /** Stands in for the derivative of the activations' sign: `ede()`, say. Default `approxSign()`. */
  surrogate?: Surrogate;
  /** What the weights are multiplied with: `realActivations()`, say. Default: signs. */
  activations?: ActivationFormat;
}

/** x [H, W, C], any values: the layer takes their signs -> exact integers [H', W', outChannels] times alpha. kernelSize^2 * C <= 32,767. */
export function binaryConv2d(outChannels: number, options: BinaryConv2dOptions): ProductLayer {
  const { alpha = 'auto', surrogate, activations, ...shape } = options ?? {};
  return {
    type: 'binaryConv2d',
    stage: 'product',
    options: { outChannels, ...options },
    input: activations ? 'f32' : 'bits',
    sums: activations && true,
    surrogate,
    kernels: (activations ?? surrogate)?.kernels,
    build(context, name, input) {
      const geometry = convGeometry(name, input.shape, outChannels, options);
      if (activations) return activations.build(context, name, input as RealTensor, geometry, alpha);
      return buildBinaryProduct(context, name, input as BitTensor, geometry, alpha);
    },
    real: () => conv2d(outChannels, { ...shape, bias: false }),
  };
}
