/**
 * convnet: the small network for 28x28 images. Two binary convolutions between a first and a last layer of choice.
 *
 *     conv3x3 -> 64, maxpool2, BN, PReLU | B-conv 64 -> 64, maxpool2, BN, PReLU | B-conv 64 -> 128, BN, PReLU | flatten | linear
 *
 * @module
 */
import { batchNorm, binaryConv2d, flatten, maxPool2d, prelu } from '../nn/layers/registry.js';
import { type Sequential, sequential } from '../nn/sequential.js';
import { headLayers, type ModelOptions, requireOptions, scaled, stemConv2d } from './options.js';

/** Options: classes, width, head, stem, surrogate, activations. Images of at least 4x4. */
export function convnet(options: ModelOptions): Sequential {
  requireOptions('convnet', options, ['width']);
  const { width = 1, surrogate, activations } = options;
  const shape = { kernelSize: 3, padding: 1, surrogate, activations };
  const activation = activations?.layer ?? prelu;
  return sequential(
    [
      stemConv2d(scaled(64, width), options),
      maxPool2d(2),
      batchNorm(),
      activation(),
      binaryConv2d(scaled(64, width), shape),
      maxPool2d(2),
      batchNorm(),
      activation(),
      binaryConv2d(scaled(128, width), shape),
      batchNorm(),
      activation(),
      flatten(),
      ...headLayers(options),
    ],
    { name: 'convnet' },
  );
}
