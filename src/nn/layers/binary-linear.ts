/**
 * Binary fully connected layer, W1A1 unless it has other `activations`: `y = alpha * sign(W) sign(x)`. Gradients as in `binaryConv2d`.
 *
 * @module
 */
import { argumentError } from '../../core/errors.js';
import type { ActivationFormat } from '../activation-format.js';
import { buildBinaryProduct } from '../binary-product.js';
import { convGeometry } from '../conv-shape.js';
import type { ProductLayer } from '../layer.js';
import type { Surrogate } from '../surrogates/surrogate.js';
import { type BitTensor, positions, type RealTensor } from '../tensor.js';
import { linear } from './linear.js';

export interface BinaryLinearOptions {
  /** Learnable scale per output, as in `binaryConv2d`. Default 'auto'. */
  alpha?: boolean | 'auto';
  /** As in `binaryConv2d`. */
  surrogate?: Surrogate;
  /** As in `binaryConv2d`. */
  activations?: ActivationFormat;
}

/** x [features], at most 32,767: the layer takes their signs -> exact integers [outFeatures] times alpha. Put `flatten()` in front of it. */
export function binaryLinear(outFeatures: number, options: BinaryLinearOptions = {}): ProductLayer {
  const { alpha = 'auto', surrogate, activations } = options;
  return {
    type: 'binaryLinear',
    stage: 'product',
    options: { outFeatures, ...options },
    input: activations ? 'f32' : 'bits',
    sums: activations && true,
    surrogate,
    kernels: (activations ?? surrogate)?.kernels,
    build(context, name, input) {
      if (positions(input.shape) !== 1)
        throw argumentError(`${name}: input`, `${input.shape.height}x${input.shape.width} map`, 'features: put flatten() in front');
      const geometry = convGeometry(name, input.shape, outFeatures, { kernelSize: 1 });
      if (activations) return activations.build(context, name, input as RealTensor, geometry, alpha);
      return buildBinaryProduct(context, name, input as BitTensor, geometry, alpha);
    },
    real: () => linear(outFeatures, { bias: false }),
  };
}
