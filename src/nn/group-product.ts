/**
 * Binary products whose weights are drawn anew for every group of 64 images: each group has words of its own, forward and for dX, and a weight gradient of its
 * own. The gradient of the parameter is their sum, with the bits that one product of all groups gives.
 *
 * The transposed dY is [tile][G][positions][64][lanes], so a group's weight gradient is one kernel call per tile of output channels.
 *
 * @module
 */
import { argumentError } from '../core/errors.js';
import { BAND, chunksOf, signProduct } from './binary-product.js';
import { writeConvShape } from './conv-shape.js';
import type { BinaryProductBuilder } from './layer.js';
import type { BinaryParameter } from './parameter.js';
import { type IntegerTensor, positions } from './tensor.js';

export const groupProduct: BinaryProductBuilder = (context, name, input, geometry, alpha) => {
  const { runtime, groups } = context;
  const { bytes, type, qmax, dx, dw } = context.gradients;
  if (context.gradientLog !== undefined)
    throw argumentError('logGradients', 'a log', "one draw per step (draws 'step'), whose dX has one set of weights");
  const step = signProduct(context, name, input, geometry, alpha);
  const output = step.output as IntegerTensor;
  const weight = step.parameters[0] as BinaryParameter;
  const { arena } = runtime;
  const { cout, cin, kernelHeight, kernelWidth } = weight.shape;
  weight.groups = Array.from({ length: groups - 1 }, () => ({
    words: arena.allocate(weight.wordBytes, 'parameters'),
    wordsT: arena.allocate(weight.wordTBytes, 'parameters'),
    gradient: arena.allocate(weight.elements * 4, 'gradients'),
  }));
  const draws = [weight, ...weight.groups];
  const all = writeConvShape(runtime, groups, geometry);
  const one = writeConvShape(runtime, 1, geometry);
  const taps = kernelHeight * kernelWidth;
  const lanes = 64 / bytes;
  const tiles = Array.from({ length: Math.ceil(cout / lanes) }, (_, tile) => {
    const first = tile * lanes;
    const channels = Math.min(lanes, cout - first);
    const shape = writeConvShape(runtime, 1, { ...geometry, output: { ...geometry.output, channels } });
    // [ceil(cout / 32)][tap][cin][32] of 4 bytes.
    return { shape, offset: (first >> 5) * taps * cin * 128 + (first & 31) * 4 };
  });
  const chunks = chunksOf(cin, taps);
  const [inputs, outputs] = [positions(input.shape) * cin * 64, positions(geometry.output) * cout * 64];
  const items = chunksOf(cout, taps) * Math.ceil(geometry.output.height / BAND);
  const dxItems = chunks * Math.ceil(input.shape.height / BAND);
  const elementItems = Math.ceil(weight.elements / 4096);
  const dxBytes = qmax > 0 ? 2 : 4;

  return {
    ...step,
    *forward() {
      for (const [g, { words }] of draws.entries())
        yield* runtime.pieces(
          'conv2d_b1b1_i16',
          items,
          input.planes.pointer + g * inputs,
          words,
          output.data.pointer + g * outputs * 2,
          one,
        );
    },
    *backward() {
      const { rows, transposed, pool, imageScale, channelScale } = output.gradient;
      const size = pool?.size ?? 1;
      // Of the stored map, which is the pooled one.
      const places = Math.floor(geometry.output.height / size) * Math.floor(geometry.output.width / size);
      const argmax = pool?.argmaxTransposed.pointer ?? 0;
      const dwKernel = `conv2d_${type}b1_${dw}_dw`;
      // f32 sums have the order of one product; sums of integers have none, so that the groups' gradients are all there is to compute.
      if (qmax === 0)
        yield* runtime.pieces(
          dwKernel,
          chunks * tiles.length,
          transposed.pointer,
          argmax,
          input.words.pointer,
          weight.gradient,
          all,
          size,
          qmax,
        );
      for (const [g, { gradient }] of draws.entries()) {
        if (g === 0 && qmax === 0) continue;
        for (const [tile, { shape, offset }] of tiles.entries()) {
          const block = (tile * groups + g) * places;
          const dy = transposed.pointer + block * 4096;
          const bits = input.words.pointer + (g * inputs) / 8;
          yield* runtime.pieces(dwKernel, chunks, dy, argmax && argmax + block * 64 * lanes, bits, gradient + offset, shape, size, qmax);
        }
      }
      if (qmax > 0) {
        for (const { gradient } of draws.slice(1)) runtime.run('add_i32', elementItems, weight.gradient, gradient, weight.elements);
        for (const { gradient } of draws)
          yield* runtime.pieces('dequantize_i32_f32', Math.ceil(cout / 32), gradient, channelScale, taps * cin);
      }
      if (input.gradient === undefined) return;
      for (const [g, { wordsT }] of draws.entries()) {
        const from = g * places * cout * 64;
        const dy = rows.pointer + from * bytes;
        const place = pool && pool.argmax.pointer + from;
        const to = input.gradient.pointer + g * inputs * dxBytes;
        yield* runtime.pieces(`conv2d_${type}b1_${dx}_dx`, dxItems, dy, place ?? 0, wordsT, to, one, size, qmax);
      }
      input.gradientScale = imageScale;
    },
  };
};
