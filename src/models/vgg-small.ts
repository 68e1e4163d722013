/**
 * vgg-small: the network of binary CIFAR papers (Zhang et al., "LQ-Nets", ECCV 2018; with PReLU as in the code of VISPA, NeurIPS 2024).
 *
 *     conv3x3 -> 128, BN, PReLU           | B-conv 128 -> 128, maxpool2, BN, PReLU
 *     B-conv 128 -> 256, BN, PReLU        | B-conv 256 -> 256, maxpool2, BN, PReLU
 *     B-conv 256 -> 512, BN, PReLU        | B-conv 512 -> 512, maxpool2, BN, PReLU | flatten | linear
 *
 * All convolutions 3x3, stride 1, padding 1. On 32x32 images the maps have 32, 16, 16, 8, 8, 4 rows, and 4,571,136 weights are binary.
 *
 * @module
 */
import type { Layer } from '../nn/layer.js';
import { batchNorm, binaryConv2d, flatten, maxPool2d, prelu } from '../nn/layers/registry.js';
import { type Sequential, sequential } from '../nn/sequential.js';
import { headLayers, type ModelOptions, requireOptions, scaled, stemConv2d } from './options.js';

/** Options: classes, width (of 128, 256, 512 channels), head, stem, surrogate, activations. Images of at least 8x8. */
export function vggSmall(options: ModelOptions): Sequential {
  requireOptions('vgg-small', options, ['width']);
  const { width = 1, surrogate, activations } = options;
  const activation = activations?.layer ?? prelu;
  const convolution = (channels: number): Layer =>
    binaryConv2d(scaled(channels, width), { kernelSize: 3, padding: 1, surrogate, activations });
  const pooled = (channels: number): Layer[] => [convolution(channels), maxPool2d(2), batchNorm(), activation()];
  const full = (channels: number): Layer[] => [convolution(channels), batchNorm(), activation()];
  return sequential(
    [
      stemConv2d(scaled(128, width), options),
      batchNorm(),
      activation(),
      ...pooled(128),
      ...full(256),
      ...pooled(256),
      ...full(512),
      ...pooled(512),
      flatten(),
      ...headLayers(options),
    ],
    { name: 'vgg-small' },
  );
}
