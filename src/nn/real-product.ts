/**
 * The step of f32 convolutions and linear layers: the first and last layer of a binary network.
 *
 * @module
 */
import { type ConvGeometry, writeConvShape } from './conv-shape.js';
import type { BuildContext, Step } from './layer.js';
import { type MapShape, type OpenProduct, positions, type RealTensor } from './tensor.js';

/** Channels and rows of a work item; of a weight gradient, channels and weights of a filter (conv2d_f32.ts). */
const CHUNK = 64;
const BAND = 8;
const TILE = 16;
const WEIGHTS = 128;

/** Bands of rows, counted through all groups: statistics have a part for each. */
export function bandsOf(groups: number, height: number): number {
  return Math.ceil((groups * height) / BAND);
}

export function forwardItems(groups: number, output: MapShape): number {
  return Math.ceil(output.channels / CHUNK) * bandsOf(groups, output.height);
}

export function buildRealProduct(
  context: BuildContext,
  name: string,
  input: RealTensor,
  geometry: ConvGeometry,
  hasBias: boolean,
  linear: boolean,
): Step {
  const { runtime, groups } = context;
  const { kernelSize, output: shape } = geometry;
  const cin = input.shape.channels;
  const filter = kernelSize * kernelSize * cin;
  const convShape = writeConvShape(runtime, groups, geometry);
  // Kaiming uniform with a = sqrt(5), the default of torch.nn.Conv2d and Linear: uniform in ±1 / sqrt(fan-in), weights and bias.
  const bound = 1 / Math.sqrt(filter);
  const weight = context.real(`${name}.weight`, linear ? [shape.channels, cin] : [shape.channels, kernelSize, kernelSize, cin], {
    uniform: bound,
  });
  const bias = hasBias ? context.real(`${name}.bias`, [shape.channels], { uniform: bound }) : undefined;
  const bytes = groups * positions(shape) * shape.channels * 256;
  const gradient = context.transient('gradient', bytes);
  const fused = { forward: false, backward: false };
  const product: OpenProduct = { name, input, weight, bias, convShape, filter, gradient, fused };
  const output: RealTensor = { kind: 'f32', shape, data: context.data(bytes), gradient, product };
  const macs = positions(shape) * shape.channels * filter;
  return {
    name,
    output,
    parameters: bias === undefined ? [weight] : [weight, bias],
    macs,
    binaryMacs: 0,
    *forward() {
      if (fused.forward) return;
      const items = forwardItems(groups, shape);
      yield* runtime.pieces(
        'conv2d_f32f32_f32',
        items,
        input.data.pointer,
        weight.data,
        bias?.data ?? 0,
        output.data.pointer,
        0,
        context.mask,
        convShape,
      );
    },
    *backward() {
      if (fused.backward) return;
      const dy = gradient.pointer;
      const items = Math.ceil(shape.channels / TILE) * Math.ceil(filter / WEIGHTS);
      yield* runtime.pieces('conv2d_f32f32_f32_dw', items, dy, input.data.pointer, weight.gradient, convShape);
      if (bias !== undefined)
        yield* runtime.pieces('bias_f32_dw', shape.channels, dy, bias.gradient, groups, positions(shape), shape.channels);
      if (input.gradient === undefined) return;
      const dxItems = forwardItems(groups, input.shape);
      yield* runtime.pieces('conv2d_f32f32_f32_dx', dxItems, dy, weight.data, input.gradient.pointer, convShape);
    },
    lower(lowering) {
      const copy = (pointer: number, length: number): Float32Array => runtime.arena.f32(pointer, length).slice();
      const weightName = lowering.tensor(weight.name, 'F32', weight.shape, copy(weight.data, weight.size));
      const biasName = bias && lowering.tensor(bias.name, 'F32', bias.shape, copy(bias.data, bias.size));
      if (linear) lowering.op('linear_f32', { weight: weightName, bias: biasName });
      else lowering.op('conv2d_f32', { weight: weightName, bias: biasName, stride: geometry.stride, padding: geometry.padding });
    },
  };
}
