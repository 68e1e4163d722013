/**
 * Small networks, as the library's layers and as the oracle's operations. Names are those of the library's steps.
 *
 * @module
 */
import type { Layer } from '../../src/nn/layer.js';
import {
  batchNorm,
  binaryConv2d,
  binaryLinear,
  conv2d,
  flatten,
  hardtanh,
  linear,
  maxPool2d,
  prelu,
} from '../../src/nn/layers/registry.js';
import type { OracleLayer } from '../oracle/network.js';

export interface NetworkCase {
  name: string;
  shape: { height: number; width: number; channels: number };
  classes: number;
  layers: Layer[];
  oracle: OracleLayer[];
  /** Signs of the alphas, where they are to be negative. */
  negativeAlpha?: boolean;
}

const EPSILON = 1e-5;
const conv = (name: string, cout: number, kernel: number, padding = 0, stride = 1, bias = false): OracleLayer => ({
  op: 'conv',
  name,
  cout,
  kernel,
  padding,
  stride,
  bias,
});

export const NETWORK_CASES: NetworkCase[] = [
  {
    name: 'conv, pool, norm, PReLU and two binary convolutions',
    shape: { height: 9, width: 10, channels: 2 },
    classes: 4,
    layers: [
      conv2d(5, { kernelSize: 3, padding: 1 }),
      maxPool2d(2),
      batchNorm(),
      prelu(),
      binaryConv2d(7, { kernelSize: 3, padding: 1 }),
      maxPool2d(2),
      batchNorm(),
      prelu(),
      binaryConv2d(6, { kernelSize: 3, padding: 1 }),
      batchNorm(),
      prelu(),
      flatten(),
      linear(4),
    ],
    oracle: [
      conv('0.conv2d', 5, 3, 1, 1, true),
      { op: 'pool', size: 2 },
      { op: 'norm', name: '1.maxPool2d', epsilon: EPSILON },
      { op: 'prelu', name: '1.maxPool2d' },
      { op: 'sign' },
      conv('4.binaryConv2d', 7, 3, 1),
      { op: 'pool', size: 2 },
      { op: 'norm', name: '5.maxPool2d', epsilon: EPSILON },
      { op: 'prelu', name: '5.maxPool2d' },
      { op: 'sign' },
      conv('8.binaryConv2d', 6, 3, 1),
      { op: 'norm', name: '9.batchNorm', epsilon: EPSILON },
      { op: 'prelu', name: '9.batchNorm' },
      { op: 'flatten' },
      conv('12.linear', 4, 1, 0, 1, true),
    ],
  },
  ...[false, true].map(
    (negativeAlpha): NetworkCase => ({
      name: `no norm: alpha ${negativeAlpha ? 'of both signs ' : ''}across a pool, hard tanh, binary linear`,
      shape: { height: 6, width: 7, channels: 3 },
      classes: 3,
      negativeAlpha,
      layers: [
        conv2d(33, { kernelSize: 3, padding: 1, bias: false }),
        hardtanh(),
        binaryConv2d(6, { kernelSize: 3 }),
        maxPool2d(2),
        hardtanh(),
        flatten(),
        binaryLinear(9),
        prelu({ slope: -0.5 }),
        linear(3, { bias: false }),
      ],
      oracle: [
        conv('0.conv2d', 33, 3, 1),
        { op: 'hardtanh' },
        { op: 'sign' },
        conv('2.binaryConv2d', 6, 3),
        { op: 'scale', name: '2.binaryConv2d' },
        { op: 'pool', size: 2 },
        { op: 'hardtanh' },
        { op: 'sign' },
        { op: 'flatten' },
        conv('6.binaryLinear', 9, 1),
        { op: 'scale', name: '6.binaryLinear' },
        { op: 'prelu', name: '7.prelu' },
        conv('8.linear', 3, 1),
      ],
    }),
  ),
  {
    name: 'binary from the first layer on, stride 2, alpha and norm',
    shape: { height: 7, width: 5, channels: 3 },
    classes: 5,
    layers: [
      binaryConv2d(34, { kernelSize: 3, stride: 2, padding: 1, alpha: true }),
      batchNorm(),
      binaryConv2d(5, { kernelSize: 2, stride: 2, padding: 1 }),
      batchNorm({ epsilon: 0.01 }),
      hardtanh(),
      flatten(),
      linear(5),
    ],
    oracle: [
      { op: 'sign' },
      conv('0.binaryConv2d', 34, 3, 1, 2),
      { op: 'scale', name: '0.binaryConv2d' },
      { op: 'norm', name: '1.batchNorm', epsilon: EPSILON },
      { op: 'sign' },
      conv('2.binaryConv2d', 5, 2, 1, 2),
      { op: 'norm', name: '3.batchNorm', epsilon: 0.01 },
      { op: 'hardtanh' },
      { op: 'flatten' },
      conv('6.linear', 5, 1, 0, 1, true),
    ],
  },
  {
    name: 'ends in a binary layer; pool over images; f32 all the way to the first sign',
    shape: { height: 8, width: 8, channels: 2 },
    classes: 6,
    layers: [
      maxPool2d(2),
      batchNorm(),
      conv2d(8, { kernelSize: 3, stride: 2, padding: 1 }),
      prelu(),
      maxPool2d(2),
      flatten(),
      linear(70),
      batchNorm(),
      binaryLinear(6, { alpha: true }),
    ],
    oracle: [
      { op: 'pool', size: 2 },
      { op: 'norm', name: '0.maxPool2d', epsilon: EPSILON },
      conv('2.conv2d', 8, 3, 1, 2, true),
      { op: 'prelu', name: '3.prelu' },
      { op: 'pool', size: 2 },
      { op: 'flatten' },
      conv('6.linear', 70, 1, 0, 1, true),
      { op: 'norm', name: '7.batchNorm', epsilon: EPSILON },
      { op: 'sign' },
      conv('8.binaryLinear', 6, 1),
      { op: 'scale', name: '8.binaryLinear' },
    ],
  },
  {
    name: 'signs of the input across a flatten, and a norm on the logits',
    shape: { height: 5, width: 3, channels: 3 },
    classes: 5,
    layers: [flatten(), binaryLinear(35), batchNorm(), prelu(), binaryLinear(5), batchNorm()],
    oracle: [
      { op: 'sign' },
      { op: 'flatten' },
      conv('1.binaryLinear', 35, 1),
      { op: 'norm', name: '2.batchNorm', epsilon: EPSILON },
      { op: 'prelu', name: '2.batchNorm' },
      { op: 'sign' },
      conv('4.binaryLinear', 5, 1),
      { op: 'norm', name: '5.batchNorm', epsilon: EPSILON },
    ],
  },
];
