// A small real task: the built-in digits, few of them, and a network that learns them in seconds.
import { digits } from '../../src/data.js';
import {
  batchNorm,
  binaryConv2d,
  conv2d,
  type DataSplits,
  flatten,
  linear,
  maxPool2d,
  prelu,
  type Sequential,
  sequential,
} from '../../src/train.js';

export function fewDigits(train: number = 640, test: number = 200): DataSplits {
  return digits({ train, test });
}

/** Odd channel counts, so that partial blocks are always in play. */
export function tinyNet({ classes }: { classes: number }): Sequential {
  return sequential([
    conv2d(12, { kernelSize: 3, padding: 1, stride: 2, bias: false }),
    batchNorm(),
    prelu(),
    binaryConv2d(37, { kernelSize: 3, padding: 1 }),
    maxPool2d(2),
    batchNorm(),
    prelu(),
    flatten(),
    linear(classes),
  ]);
}
