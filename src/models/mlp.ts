/**
 * mlp: fully connected layers. The hidden ones are binary; the first and the last are of choice.
 *
 *     flatten | linear -> 256, BN, PReLU | B-linear 256 -> 256, BN, PReLU | linear
 *
 * @module
 */
import { argumentError, requireInteger } from '../core/errors.js';
import { batchNorm, binaryLinear, flatten, linear, prelu } from '../nn/layers/registry.js';
import { type Sequential, sequential } from '../nn/sequential.js';
import { headLayers, type ModelOptions, requireOptions } from './options.js';

/** Options: classes, hidden, head, stem (the first hidden layer), surrogate, activations. */
export function mlp(options: ModelOptions): Sequential {
  requireOptions('mlp', options, ['hidden']);
  const { hidden = [256, 256], stem = 'f32', surrogate, activations } = options;
  const activation = activations?.layer ?? prelu;
  if (!Array.isArray(hidden) || hidden.length === 0)
    throw argumentError('mlp.hidden', hidden, 'sizes of at least one layer, such as [256, 256]');
  // 32,767 is the largest fan-in of a binary layer, and the next layer may be one.
  hidden.forEach((size, i) => {
    requireInteger(`mlp.hidden[${i}]`, size, 1, 32767);
  });
  const layers = hidden.flatMap((size, i) => [
    i === 0 && stem === 'f32' ? linear(size, { bias: false }) : binaryLinear(size, { surrogate, activations }),
    batchNorm(),
    activation(),
  ]);
  return sequential([flatten(), ...layers, ...headLayers(options)], { name: 'mlp' });
}
