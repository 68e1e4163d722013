/**
 * W1A32: binary weights, real activations.
 *
 *     y = sum of w x,   w = ±1, x and y f32;   dx = w^T dy,   dw = sum of dy x, the identity through the sign of the weights
 *
 * Training runs y and dx by the lookup kernels in f32, dw by the f32 product. In evaluation the weights are unpacked and y is an f32 product, which adds
 * in the order of inference, so that a trained network and its file give the same bits. Where a method trains with real weights, all products are f32 ones.
 *
 * @module
 */

import { argumentError } from '../core/errors.js';
import { methodKernels } from '../wasm/methods.js';
import type { ActivationFormat } from './activation-format.js';
import { chunksOf, lowerBinaryProduct, MAX_FAN_IN } from './binary-product.js';
import { type ConvGeometry, writeConvShape } from './conv-shape.js';
import type { ActivationLayer, BuildContext, Step } from './layer.js';
import { relu } from './layers/relu.js';
import { forwardItems } from './real-product.js';
import { positions, type RealTensor } from './tensor.js';

/** Band of rows of a work item (conv2d_lookup.ts); of an f32 weight gradient, channels and weights (conv2d_f32.ts). */
const BAND = 8;
const TILE = 16;
const WEIGHTS = 128;

/** `layer`: what models put in front of such products, default `relu`. */
export function realActivations(options: { layer?: () => ActivationLayer } = {}): ActivationFormat {
  const { layer = relu } = options;
  return { name: 'f32', options: { layer: layer() }, kernels: methodKernels, layer, build: buildProduct };
}

function buildProduct(context: BuildContext, name: string, input: RealTensor, geometry: ConvGeometry, alpha: 'auto' | boolean): Step {
  const { runtime, groups } = context;
  const { kernelSize, output: shape } = geometry;
  const cin = input.shape.channels;
  const taps = kernelSize * kernelSize;
  const filter = taps * cin;
  if (filter > MAX_FAN_IN) throw argumentError(`${name}: fan-in`, filter, 'at most 32,767 (kernel area times input channels)');
  const convShape = writeConvShape(runtime, groups, geometry);
  const weight = context.binary(`${name}.weight`, { cout: shape.channels, kernelHeight: kernelSize, kernelWidth: kernelSize, cin });
  const bytes = groups * positions(shape) * shape.channels * 256;
  const gradient = context.transient('gradient', bytes);
  const output: RealTensor = {
    kind: 'f32',
    shape,
    data: context.data(bytes),
    gradient,
    sums: { name, alpha, scale: weight.scale },
  };
  // Weights and dw in the order of f32 products, for a moment each: the backward pass reads nothing that lies there.
  const filters = context.transient('data', weight.size * 4 + 16);
  const items = chunksOf(shape.channels, taps) * groups * Math.ceil(shape.height / BAND);
  const dxItems = chunksOf(cin, taps) * groups * Math.ceil(input.shape.height / BAND);
  const dwItems = Math.ceil(shape.channels / TILE) * Math.ceil(filter / WEIGHTS);
  const latentTiles = Math.ceil(shape.channels / 32);
  return {
    name,
    output,
    parameters: [weight],
    macs: positions(shape) * shape.channels * filter,
    binaryMacs: 0,
    items: input.gradient === undefined ? [items, dwItems] : [items, dwItems, dxItems],
    *forward(pass) {
      const [x, y] = [input.data.pointer, output.data.pointer];
      if (pass.training && weight.real === 0) {
        yield* runtime.pieces('conv2d_f32b1_f32', items, x, weight.words, y, convShape);
        return;
      }
      // The gradient has room for them, and nobody reads it between two updates.
      const unpacked = weight.gradient;
      if (weight.real === 0) yield* runtime.pieces('unpack_b1_f32', latentTiles, weight.words, unpacked, shape.channels, taps, cin);
      else yield* runtime.pieces('transpose_filters', latentTiles, weight.real, unpacked, filter, shape.channels);
      yield* runtime.pieces('conv2d_f32f32_f32', forwardItems(groups, shape), x, unpacked, 0, y, 0, context.mask, convShape);
    },
    *backward() {
      const dy = gradient.pointer;
      yield* runtime.pieces('conv2d_f32f32_f32_dw', dwItems, dy, input.data.pointer, filters.pointer, convShape);
      yield* runtime.pieces('to_latent_f32', latentTiles, filters.pointer, weight.gradient, shape.channels, filter);
      if (input.gradient === undefined) return;
      const dx = input.gradient.pointer;
      if (weight.real === 0) yield* runtime.pieces('conv2d_f32b1_f32_dx', dxItems, dy, 0, weight.wordsT, dx, convShape, 1, 0);
      else {
        yield* runtime.pieces('transpose_filters', latentTiles, weight.real, filters.pointer, filter, shape.channels);
        yield* runtime.pieces('conv2d_f32f32_f32_dx', forwardItems(groups, input.shape), dy, filters.pointer, dx, convShape);
      }
    },
    lower: (lowering) => lowerBinaryProduct(lowering, context, weight, geometry, 'f32b1'),
  };
}
