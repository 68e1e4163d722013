/**
 * The convolution kernels on plain arrays: packs, runs, unpacks.
 *
 * @module
 */
import type { Runtime } from '../../src/core/runtime.js';
import { type Conv2dCase, outputSize } from '../oracle/conv2d.js';
import { backwardWords, forwardWords, fromBatchMinor, fromLatent, imageWords, latentLength, toBatchMinor, toTransposed } from './layout.js';
import { dirty, put } from './memory.js';
import type { TestRandom } from './random.js';

export interface Sizes {
  groups: number;
  /** Positions and values of x and y. */
  P: number;
  O: number;
  taps: number;
  /** Address of the ConvShape. */
  shape: number;
}

export function sizes(runtime: Runtime, s: Conv2dCase): Sizes {
  const groups = s.images / 64;
  const [outHeight, outWidth] = [outputSize(s.height, s), outputSize(s.width, s)];
  const fields = [groups, s.height, s.width, s.cin, outHeight, outWidth, s.cout, s.kernel, s.kernel, s.stride, s.padding];
  return {
    groups,
    P: s.height * s.width,
    O: outHeight * outWidth,
    taps: s.kernel * s.kernel,
    shape: put(runtime, Int32Array.from(fields)),
  };
}

const bands = (rows: number): number => Math.ceil(rows / 8);
const chunks = (channels: number): number => Math.ceil(channels / 128);

export function runForward(runtime: Runtime, s: Conv2dCase, x: Float64Array, w: Float64Array, random: TestRandom): Float64Array {
  const { groups, P, O, taps, shape } = sizes(runtime, s);
  const planes = put(runtime, toBatchMinor(x, s.images, P, s.cin, new Int8Array(x.length)));
  const words = put(runtime, forwardWords(w, s.cout, taps, s.cin, random));
  const length = s.images * O * s.cout;
  const y = dirty(runtime, length * 2);
  runtime.run('conv2d_b1b1_i16', chunks(s.cout) * groups * bands(outputSize(s.height, s)), planes, words, y, shape);
  return fromBatchMinor(runtime.arena.i16(y, length), s.images, O, s.cout);
}

/** dY of a kernel: its type, and for i8 the largest magnitude, by which the kernel chooses its tables. */
export interface GradientOperand {
  type: 'f32' | 'i16' | 'i8';
  qmax: number;
}

export const F32: GradientOperand = { type: 'f32', qmax: 1 };
export const I16: GradientOperand = { type: 'i16', qmax: 511 };
export const i8 = (qmax: number): GradientOperand => ({ type: 'i8', qmax });

const ARRAYS = { f32: Float32Array, i16: Int16Array, i8: Int8Array };
const sizeOf = (dy: GradientOperand): number[] => (dy.type === 'i8' ? [dy.qmax] : []);

export function runDx(
  runtime: Runtime,
  kind: GradientOperand,
  s: Conv2dCase,
  dy: Float64Array,
  w: Float64Array,
  random: TestRandom,
): Float64Array {
  const { groups, P, O, taps, shape } = sizes(runtime, s);
  const { type } = kind;
  const rows = put(runtime, toBatchMinor(dy, s.images, O, s.cout, new ARRAYS[type](dy.length)));
  const words = put(runtime, backwardWords(w, s.cout, taps, s.cin, random));
  const length = s.images * P * s.cin;
  const dx = dirty(runtime, length * 4);
  const result = type === 'f32' ? 'f32' : 'i16';
  runtime.run(`conv2d_${type}b1_${result}_dx`, chunks(s.cin) * groups * bands(s.height), rows, words, dx, shape, ...sizeOf(kind));
  return fromBatchMinor(runtime.arena[result](dx, length), s.images, P, s.cin);
}

/** [cout][tap][cin]; the spare lanes behind the last channel must come out 0. */
export function runDw(runtime: Runtime, kind: GradientOperand, s: Conv2dCase, dy: Float64Array, x: Float64Array): Float64Array {
  const { P, O, taps, shape } = sizes(runtime, s);
  const { type } = kind;
  const lanes = 64 / ARRAYS[type].BYTES_PER_ELEMENT;
  const tiles = Math.ceil(s.cout / lanes);
  const padded = tiles * lanes * s.images * O;
  const dyT = put(runtime, toTransposed(dy, s.images, O, s.cout, lanes, new ARRAYS[type](padded)));
  const bits = put(runtime, imageWords(x, s.images, P, s.cin));
  const length = latentLength(s.cout, taps, s.cin);
  const dw = dirty(runtime, length * 4);
  if (type === 'f32') runtime.arena.f32(dw, length).fill(0); // spare tiles of 16 lanes are written by nobody
  const sum = type === 'f32' ? 'f32' : 'i32';
  runtime.run(`conv2d_${type}b1_${sum}_dw`, chunks(s.cin) * tiles, dyT, bits, dw, shape, ...sizeOf(kind));
  const result = runtime.arena[sum](dw, length);
  for (let k = 0; k < length; k++) {
    const c = (k % 32) + 32 * Math.floor(k / (32 * taps * s.cin));
    if (c >= s.cout && result[k] !== 0) throw new Error(`spare lane ${k} of dw is ${result[k]}`);
  }
  return fromLatent(result, s.cout, taps, s.cin);
}
