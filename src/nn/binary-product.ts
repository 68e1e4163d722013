/**
 * The step of binary convolutions and linear layers: ±1 activations times ±1 weights, exact int16 sums.
 *
 * Gradients: dX by the lookup kernel on dY with one scale per image, dW on the transposed dY with one scale per output channel
 * (integer gradients), or both in f32.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { type ConvGeometry, writeConvShape } from './conv-shape.js';
import type { BinaryProductBuilder, BuildContext } from './layer.js';
import type { Lowering } from './lowering.js';
import type { BinaryParameter } from './parameter.js';
import { type IntegerTensor, positions } from './tensor.js';

/** Sums of ±1 stay in int16; the limit of a model file, too. */
export const MAX_FAN_IN = 32767;
/** Band of rows of a work item (conv2d_lookup.ts). */
export const BAND = 8;

/** Chunks of channels that work items take, for that many taps (Chunk.of in conv2d_lookup.ts). */
export function chunksOf(channels: number, taps: number): number {
  const chunk = taps > 1 ? 128 : channels < 1024 ? 256 : 512;
  return Math.ceil(channels / chunk);
}

/** The step of a binary layer, made as the method wants it. */
export const buildBinaryProduct: BinaryProductBuilder = (context, name, input, geometry, alpha) => {
  const fanIn = geometry.kernelSize * geometry.kernelSize * input.shape.channels;
  if (fanIn > MAX_FAN_IN)
    throw argumentError(`${name}: fan-in`, fanIn, 'at most 32,767 (kernel area times input channels), the limit of exact int16 sums');
  return (context.realWeights ?? context.products ?? signProduct)(context, name, input, geometry, alpha);
};

/** One set of words for all images. */
export const signProduct: BinaryProductBuilder = (context, name, input, geometry, alpha) => {
  const { runtime, groups } = context;
  const { kernelSize, output: shape } = geometry;
  const fanIn = kernelSize * kernelSize * input.shape.channels;
  const { bytes, type, qmax, dx, dw } = context.gradients;
  // A sum of the weight gradient has 64 terms of at most qmax for each position and group, and must stay below 2^31.
  const most = Math.floor((2 ** 31 - 1) / (64 * qmax));
  if (positions(shape) * groups > most) {
    throw argumentError(
      `${name}: positions times groups of 64 images`,
      positions(shape) * groups,
      `at most ${most}, the limit of exact int32 sums; use a smaller batch`,
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
    scale: weight.scale,
    data: context.data(groups * positions(shape) * shape.channels * 128),
    gradient: context.productGradient(shape),
  };
  const dwTiles = Math.ceil((shape.channels * bytes) / 64);
  const latentTiles = Math.ceil(shape.channels / 32);
  const taps = kernelSize * kernelSize;
  const chunks = chunksOf(input.shape.channels, taps);
  const items = chunksOf(shape.channels, taps) * groups * Math.ceil(shape.height / BAND);
  const dwItems = chunks * dwTiles;
  const dxItems = chunks * groups * Math.ceil(input.shape.height / BAND);
  const log = context.gradientLog;
  log?.reserveProducts(groups * positions(input.shape) * input.shape.channels * 64, weight.elements);

  const logged = { name, input, output, weight, convShape, chunks, dxItems };

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
    *backward(pass) {
      const { rows, transposed, pool, imageScale, channelScale } = output.gradient;
      const size = pool?.size ?? 1;
      yield* runtime.pieces(
        `conv2d_${type}b1_${dw}_dw`,
        dwItems,
        transposed.pointer,
        pool?.argmaxTransposed.pointer ?? 0,
        input.words.pointer,
        weight.gradient,
        convShape,
        size,
        qmax,
      );
      if (qmax > 0) yield* runtime.pieces('dequantize_i32_f32', latentTiles, weight.gradient, channelScale, taps * input.shape.channels);
      if (input.gradient === undefined) {
        if (pass.logGradients && log !== undefined) yield* log.compare(context, logged, pass.count);
        return;
      }
      yield* runtime.pieces(
        `conv2d_${type}b1_${dx}_dx`,
        dxItems,
        rows.pointer,
        pool?.argmax.pointer ?? 0,
        weight.wordsT,
        input.gradient.pointer,
        convShape,
        size,
        qmax,
      );
      input.gradientScale = imageScale;
      if (pass.logGradients && log !== undefined) yield* log.compare(context, logged, pass.count);
    },
    lower: (lowering) => lowerBinaryProduct(lowering, context, weight, geometry),
  };
};

/** conv2d_<types> or linear_<types> with the current signs. */
export function lowerBinaryProduct(
  lowering: Lowering,
  context: BuildContext,
  weight: BinaryParameter,
  { input, kernelSize, stride, padding }: ConvGeometry,
  types: 'b1b1' | 'f32b1' = 'b1b1',
): void {
  const { cout, cin } = weight.shape;
  const packed = packedWeights(context, weight);
  const tensor = lowering.tensor(weight.name, 'U8', [cout, kernelSize, kernelSize, Math.ceil(cin / 8)], packed);
  if (positions(input) === 1 && kernelSize === 1) lowering.op(`linear_${types}`, { weight: tensor, cin });
  else lowering.op(`conv2d_${types}`, { weight: tensor, cin, stride, padding });
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
