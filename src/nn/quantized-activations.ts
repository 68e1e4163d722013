/**
 * W1A2 and W1A3: binary weights, activations of 2 or 3 bits with a learned step.
 *
 *     xhat = step q,   q = 2 i - (n - 1), i = min(max(floor(x / (2 step) + n / 2), 0), n - 1),   n = 4 or 8:   q = ±1, ±3 or ±1, ±3, ±5, ±7
 *     dx = dxhat where |x| <= (n - 1) step, else 0
 *     dstep = sum of dxhat (q - x / step where that holds, else q), over sqrt(features (n - 1))
 *
 * The gradients of step and x are those of LSQ (Esser et al., "Learned Step Size Quantization", ICLR 2020); the levels lie at odd multiples of the step, so that
 * one bit would be the sign. The step starts where the error is least for normal numbers of deviation 1, which a batch norm gives, where LSQ measures
 * the first batch.
 *
 * Products are exact integers of int16 as those of signs are, (n - 1) fan-in <= 32,767; dW is a pass for each bit, since q = sum of 2^j (±1).
 *
 * @module
 */
import { argumentError, requireNumber } from '../core/errors.js';
import { methodKernels } from '../wasm/methods.js';
import type { ActivationFormat } from './activation-format.js';
import { chunksOf, lowerBinaryProduct, MAX_FAN_IN } from './binary-product.js';
import { type ConvGeometry, writeConvShape } from './conv-shape.js';
import type { BuildContext, Step } from './layer.js';
import { prelu } from './layers/prelu.js';
import { features, type IntegerTensor, positions, type RealTensor } from './tensor.js';

/** Rows and channels of work items (conv2d_lookup.ts, quantize_activations.ts), and elements of one (add_scaled). */
const BAND = 8;
const TILE = 32;
const ELEMENTS = 4096;
/** A step below counts as this. */
const LEAST = 1e-3;
/** Half the step of the best uniform quantiser of normal numbers (Max, "Quantizing for minimum distortion", 1960), by bits. */
const START = { 2: 0.498, 3: 0.293 };

export interface QuantizedOptions {
  /** Where steps start, at least 0.001. Default: 0.498 for 2 bits, 0.293 for 3. */
  step?: number;
}

export function quantizedActivations(bits: 2 | 3, options: QuantizedOptions = {}): ActivationFormat {
  if (bits !== 2 && bits !== 3) throw argumentError('quantizedActivations.bits', bits, '2 or 3');
  const { step = START[bits] } = options;
  requireNumber('quantizedActivations.step', step, LEAST, 1e6);
  return {
    name: `${bits} bits`,
    options: { bits, step },
    kernels: methodKernels,
    layer: prelu,
    build: (context, name, input, geometry, alpha) => buildProduct(context, name, input, geometry, alpha, bits, step),
  };
}

function buildProduct(
  context: BuildContext,
  name: string,
  input: RealTensor,
  geometry: ConvGeometry,
  alpha: 'auto' | boolean,
  bits: number,
  start: number,
): Step {
  const { runtime, groups } = context;
  const { arena } = runtime;
  const { kernelSize, output: shape } = geometry;
  const { channels: cin } = input.shape;
  const cout = shape.channels;
  const taps = kernelSize * kernelSize;
  const top = (1 << bits) - 1;
  const fanIn = top * taps * cin;
  if (fanIn > MAX_FAN_IN)
    throw argumentError(
      `${name}: ${top} times the fan-in`,
      fanIn,
      'at most 32,767 (kernel area times input channels), the limit of exact int16 sums',
    );
  if (context.realWeights !== undefined)
    throw argumentError(`${name}.activations`, `${bits} bits`, 'signs or real activations, where the method trains with real weights');
  const { bytes, type, qmax, dx, dw } = context.gradients;
  const most = Math.floor(0x7fffffff / (64 * qmax * top));
  if (positions(shape) * groups > most)
    throw argumentError(
      `${name}: positions times groups of 64 images`,
      positions(shape) * groups,
      `at most ${most}, the limit of exact int32 sums; use a smaller batch`,
    );
  const convShape = writeConvShape(runtime, groups, geometry);
  const weight = context.binary(`${name}.weight`, { cout, kernelHeight: kernelSize, kernelWidth: kernelSize, cin });
  const step = context.real(`${name}.step`, [1], { constant: start });
  const scale = arena.allocate(cout * 4, 'parameters');
  const values = groups * features(input.shape) * 64;
  const words = context.data((values / 8) * bits);
  // The workspace that the output, in front of a pool, is not in.
  const planes = Object.assign(context.data(values), { workspace: `data${(context.index + 1) % 2}` });
  const output: IntegerTensor = {
    ...{ kind: 'int16', shape, fanIn, unpacked: true, name, alpha, scale },
    data: context.data(groups * positions(shape) * cout * 128),
    gradient: context.productGradient(shape),
  };
  const part = context.transient('data', weight.elements * 4);
  const dq = Object.assign(context.data(values * (dx === 'i16' ? 2 : 4)), { workspace: `data${(context.index + 1) % 2}` });
  const tiles = Math.ceil(cin / TILE) * groups;
  const sums = arena.allocate(tiles * 8, 'workspace');
  const sizes = [groups, positions(input.shape), cin, bits];
  const chunks = chunksOf(cin, taps);
  const items = chunksOf(cout, taps) * groups * Math.ceil(shape.height / BAND);
  const dwItems = chunks * Math.ceil((cout * bytes) / 64);
  const dxItems = chunks * groups * Math.ceil(input.shape.height / BAND);
  const stepNow = (): number => Math.max(arena.f32(step.data, 1)[0], LEAST);
  const inverse = (): number => Math.fround(0.5 / stepNow());
  /** What the sums are multiplied by: the weights' scale and the step. */
  const writeScale = (): void => {
    const s = stepNow();
    arena.f32(scale, cout).set(arena.f32(weight.scale, cout).map((factor) => factor * s));
  };
  return {
    name,
    output,
    parameters: [weight, step],
    macs: positions(shape) * cout * taps * cin,
    binaryMacs: 0,
    items: [items, dwItems, dxItems],
    *forward() {
      writeScale();
      const { pointer: q } = planes;
      yield* runtime.pieces('quantize_f32_i8', tiles, input.data.pointer, q, words.pointer, context.byteMask, ...sizes, inverse());
      yield* runtime.pieces('conv2d_i8b1_i16', items, q, weight.words, output.data.pointer, convShape, top);
    },
    *backward() {
      const { rows, transposed, pool, imageScale, channelScale } = output.gradient;
      const size = pool?.size ?? 1;
      const { elements, gradient } = weight;
      // Lanes behind the last channel are written by nobody.
      if (dw === 'f32') arena.f32(part.pointer, elements).fill(0);
      for (let j = 0; j < bits; j++) {
        const to = j === 0 ? gradient : part.pointer;
        const bitWords = words.pointer + (j * values) / 8;
        const operands = [transposed.pointer, pool?.argmaxTransposed.pointer ?? 0, bitWords, to, convShape, size, qmax];
        yield* runtime.pieces(`conv2d_${type}b1_${dw}_dw`, dwItems, ...operands);
        if (j > 0)
          yield* runtime.pieces(
            `add_scaled_${dw}`,
            Math.ceil(elements / ELEMENTS),
            gradient,
            to,
            elements,
            1 << j,
            ...(dw === 'f32' ? [1] : []),
          );
      }
      if (qmax > 0) yield* runtime.pieces('dequantize_i32_f32', Math.ceil(cout / TILE), gradient, channelScale, taps * cin);
      const operands = [rows.pointer, pool?.argmax.pointer ?? 0, weight.wordsT, dq.pointer, convShape, size, qmax];
      yield* runtime.pieces(`conv2d_${type}b1_${dx}_dx`, dxItems, ...operands);
      const pointers = [dq.pointer, imageScale, input.data.pointer, input.gradient?.pointer ?? 0, sums];
      yield* runtime.pieces(`quantize_dx_${dx}`, tiles, ...pointers, ...sizes, inverse(), stepNow());
      const sum = arena.f64(sums, tiles).reduce((total, value) => total + value, 0);
      arena.f32(step.gradient, 1)[0] = sum / Math.sqrt(features(input.shape) * top);
    },
    lower(lowering) {
      writeScale();
      const affine = (part: string, scale: number, shift: number): void => {
        const constant = (key: string, value: number): string =>
          lowering.tensor(`${name}.${part}.${key}`, 'F32', [cin], new Float32Array(cin).fill(value));
        lowering.op('affine', { scale: constant('scale', scale), shift: constant('shift', shift) });
      };
      affine('index', inverse(), (top + 1) / 2);
      lowering.op('quantize', { levels: top + 1 });
      affine('level', 2, -top);
      lowerBinaryProduct(lowering, context, weight, geometry, 'f32b1');
    },
  };
}
