/**
 * convnet: the small network for 28x28 images. f32 first convolution and last linear layer, two binary convolutions between.
 *
 *     conv3x3 -> 64, maxpool2, BN, PReLU | B-conv 64 -> 64, maxpool2, BN, PReLU | B-conv 64 -> 128, BN, PReLU | flatten | linear
 *
 * @module
 */
import { batchNorm, binaryConv2d, conv2d, flatten, linear, maxPool2d, prelu } from '../nn/layers/registry.js';
import { type Sequential, sequential } from '../nn/sequential.js';

export interface ModelOptions {
  /** Number of outputs. */
  classes: number;
}

export function convnet({ classes }: ModelOptions): Sequential {
  return sequential(
    [
      conv2d(64, { kernelSize: 3, padding: 1, bias: false }),
      maxPool2d(2),
      batchNorm(),
      prelu(),
      binaryConv2d(64, { kernelSize: 3, padding: 1 }),
      maxPool2d(2),
      batchNorm(),
      prelu(),
      binaryConv2d(128, { kernelSize: 3, padding: 1 }),
      batchNorm(),
      prelu(),
      flatten(),
      linear(classes),
    ],
    { name: 'convnet' },
  );
}
