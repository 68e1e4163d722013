/**
 * The step of binary convolutions and linear layers: ±1 activations times ±1 weights, exact int16 sums.
 *
 * Gradients: dX by the lookup kernel on dY with one scale per image, dW on the transposed dY with one scale per output channel
 * (int16 gradients), or both in f32.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { type ConvGeometry, writeConvShape } from './conv-shape.js';
import type { BuildContext, Step } from './layer.js';
import type { BinaryParameter } from './parameter.js';
import { type BitTensor, type IntegerTensor, positions } from './tensor.js';

/** Chunk of channels and band of rows of a work item (conv2d_lookup.ts). */
const CHUNK = 128;
const BAND = 8;
/** Sums that int16 weight gradients can add without overflow in i32: 2^31 / (64 * 511). */
const MAX_POSITIONS = 65665;

export function buildBinaryProduct(
  context: BuildContext,
  name: string,
  input: BitTensor,
  geometry: ConvGeometry,
  alpha: 'auto' | boolean,
): Step {
  const { runtime, groups } = context;
  const { kernelSize, output: shape } = geometry;
  const fanIn = kernelSize * kernelSize * input.shape.channels;
  if (fanIn > 32767)
    throw argumentError(`${name}: fan-in`, fanIn, 'at most 32,767 (kernel area times input channels), the limit of exact int16 sums');
  if (context.gradients === 'int16' && positions(shape) * groups > MAX_POSITIONS) {
    throw argumentError(
      `${name}: positions times groups of 64 images`,
      positions(shape) * groups,
      `at most ${MAX_POSITIONS}, the limit of exact int32 sums; use a smaller batch`,
    );
  }
  const convShape = writeConvShape(runtime, groups, geometry);
  const weight = context.binary(`${name}.weight`, {
    cout: shape.channels,
    kernelHeight: kernelSize,
    kernelWidth: kernelSize,
    cin: input.shape.channels,
  });
  const output: IntegerTensor = {
    kind: 'int16',
    shape,
    fanIn,
    name,
    alpha,
    data: context.data(groups * positions(shape) * shape.channels * 128),
    gradient: context.productGradient(shape),
  };
  const integer = context.gradients === 'int16';
  const dwTiles = Math.ceil(shape.channels / (integer ? 32 : 16));
  const latentTiles = Math.ceil(shape.channels / 32);
  const taps = kernelSize * kernelSize;
  const chunks = Math.ceil(input.shape.channels / CHUNK);
  const items = Math.ceil(shape.channels / CHUNK) * groups * Math.ceil(shape.height / BAND);
  const dwItems = chunks * dwTiles;
  const dxItems = chunks * groups * Math.ceil(input.shape.height / BAND);
  return {
    name,
    output,
    parameters: [weight],
    macs: positions(shape) * shape.channels * fanIn,
    binaryMacs: positions(shape) * shape.channels * fanIn,
    items: input.gradient === undefined ? [items, dwItems] : [items, dwItems, dxItems],
    *forward() {
      yield* runtime.pieces('conv2d_b1b1_i16', items, input.planes.pointer, weight.words, output.data.pointer, convShape);
    },
    *backward() {
      const { rows, transposed, imageScale, channelScale } = output.gradient;
      yield* runtime.pieces(
        integer ? 'conv2d_i16b1_i32_dw' : 'conv2d_f32b1_f32_dw',
        dwItems,
        transposed.pointer,
        input.words.pointer,
        weight.gradient,
        convShape,
      );
      if (integer) yield* runtime.pieces('dequantize_i32_f32', latentTiles, weight.gradient, channelScale, taps * input.shape.channels);
      if (input.gradient === undefined) return;
      yield* runtime.pieces(
        integer ? 'conv2d_i16b1_i16_dx' : 'conv2d_f32b1_f32_dx',
        dxItems,
        rows.pointer,
        weight.wordsT,
        input.gradient.pointer,
        convShape,
      );
      input.gradientScale = imageScale;
    },
    lower(lowering) {
      const cin = input.shape.channels;
      const tensor = lowering.tensor(
        weight.name,
        'U8',
        [shape.channels, kernelSize, kernelSize, Math.ceil(cin / 8)],
        packedWeights(context, weight),
      );
      if (positions(input.shape) === 1 && taps === 1) lowering.op('linear_b1b1', { weight: tensor, cin });
      else lowering.op('conv2d_b1b1', { weight: tensor, cin, stride: geometry.stride, padding: geometry.padding });
    },
  };
}

/** The current signs in the order of the model file: u8 [cout, kh, kw, ceil(cin / 8)], bit i of byte j = input channel 8j + i, 1 = -1. */
function packedWeights(context: BuildContext, weight: BinaryParameter): Uint8Array {
  const { cout, kernelHeight, kernelWidth, cin } = weight.shape;
  const taps = kernelHeight * kernelWidth;
  const rowBytes = Math.ceil(cin / 8);
  const blocks = Math.ceil(cin / 64);
  const words = context.runtime.arena.u8(weight.words, weight.wordBytes);
  const packed = new Uint8Array(cout * taps * rowBytes);
  for (let c = 0; c < cout; c++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let j = 0; j < rowBytes; j++)
        packed[(c * taps + tap) * rowBytes + j] = words[((tap * blocks + (j >> 3)) * cout + c) * 8 + (j & 7)];
    }
  }
  return packed;
}
