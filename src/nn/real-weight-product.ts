/**
 * The step of a binary convolution or linear layer whose weights are real in training: ±1 activations times f32 weights, f32 sums.
 *
 * For methods whose forward pass takes real numbers until they have become signs. Evaluation takes ±1 as f32 through the same kernels: its sums are exact
 * integers, so the exported binary model gives the same signs.
 *
 * Gradients are f32: dX by the f32 convolution, dW by the lookup kernel on dY.
 *
 * @module
 */
import { chunksOf as chunksOfChannels, lowerBinaryProduct } from './binary-product.js';
import { writeConvShape } from './conv-shape.js';
import type { BinaryProductBuilder, BuildContext } from './layer.js';
import { forwardItems } from './real-product.js';
import { type MapShape, positions, type RealTensor, type Slot } from './tensor.js';

/** Output channels and positions of a work item (conv2d_real_weights.ts). */
const LANES = 16;
const POSITIONS = 32;
/** Positions of a work item of the transposing kernels. */
const TRANSPOSED = 64;

export const realWeightProduct: BinaryProductBuilder = (context, name, input, geometry, alpha) => {
  const { runtime, groups } = context;
  const { kernelSize, output: shape } = geometry;
  const { channels: cin } = input.shape;
  const { channels: cout } = shape;
  const rows = kernelSize * kernelSize * cin;
  const convShape = writeConvShape(runtime, groups, geometry);
  const weight = context.binary(`${name}.weight`, { cout, kernelHeight: kernelSize, kernelWidth: kernelSize, cin });
  const count = (map: MapShape): number => groups * positions(map);
  const bytes = count(shape) * cout * 256;
  const output: RealTensor = {
    kind: 'f32',
    shape,
    data: context.data(bytes),
    gradient: context.transient('gradient', bytes),
    sums: { name, fanIn: rows, alpha, scale: weight.scale },
  };
  const dy = output.gradient as Slot;
  const tiles = Math.ceil(cout / LANES);
  const signs = shared(context, 'signs', count(input.shape) * Math.ceil(cin / 64) * 512);
  const transposed = shared(context, 'transposed', tiles * count(shape) * 4096);
  const filters = input.gradient === undefined ? undefined : shared(context, 'filters', Math.ceil((cout * rows) / 4) * 16 + 16);
  const chunksOf = (map: MapShape, size: number): number => Math.ceil(count(map) / size);
  const items = tiles * chunksOf(shape, POSITIONS);
  const dwItems = tiles * chunksOfChannels(cin, kernelSize * kernelSize);
  const dxItems = forwardItems(groups, input.shape);
  return {
    name,
    output,
    parameters: [weight],
    macs: positions(shape) * cout * rows,
    binaryMacs: positions(shape) * cout * rows,
    items: filters === undefined ? [items, dwItems] : [items, dwItems, dxItems],
    *forward() {
      const P = count(input.shape);
      yield* runtime.pieces('transpose_b1', chunksOf(input.shape, TRANSPOSED), input.words.pointer, signs.pointer, P, cin);
      yield* runtime.pieces('conv2d_b1f32_f32', items, signs.pointer, weight.real, output.data.pointer, convShape);
    },
    *backward() {
      const P = count(shape);
      yield* runtime.pieces('transpose_f32', tiles * chunksOf(shape, TRANSPOSED), dy.pointer, transposed.pointer, P, cout);
      const { words } = input;
      yield* runtime.pieces('conv2d_f32b1_f32_dw', dwItems, transposed.pointer, 0, words.pointer, weight.gradient, convShape, 1, 0);
      if (filters === undefined || input.gradient === undefined) return;
      yield* runtime.pieces('transpose_filters', Math.ceil(cout / 32), weight.real, filters.pointer, rows, cout);
      yield* runtime.pieces('conv2d_f32f32_f32_dx', dxItems, dy.pointer, filters.pointer, input.gradient.pointer, convShape);
    },
    lower: (lowering) => lowerBinaryProduct(lowering, context, weight, geometry),
  };
};

/** Memory that all steps share by name. */
function shared(context: BuildContext, workspace: string, bytes: number): Slot {
  return Object.assign(context.data(bytes), { workspace });
}
