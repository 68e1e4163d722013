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
const chunks = (channels: number, taps: number): number => Math.ceil(channels / (taps > 1 ? 128 : channels < 1024 ? 256 : 512));

/** qmax: of activations with more levels than two; undefined: ±1. */
export function runForward(
  runtime: Runtime,
  s: Conv2dCase,
  x: Float64Array,
  w: Float64Array,
  random: TestRandom,
  qmax?: number,
): Float64Array {
  const { groups, P, O, taps, shape } = sizes(runtime, s);
  const planes = put(runtime, toBatchMinor(x, s.images, P, s.cin, new Int8Array(x.length)));
  const words = put(runtime, forwardWords(w, s.cout, taps, s.cin, random));
  const length = s.images * O * s.cout;
  const y = dirty(runtime, length * 2);
  const items = chunks(s.cout, taps) * groups * bands(outputSize(s.height, s));
  if (qmax === undefined) runtime.run('conv2d_b1b1_i16', items, planes, words, y, shape);
  else runtime.run('conv2d_i8b1_i16', items, planes, words, y, shape, qmax);
  return fromBatchMinor(runtime.arena.i16(y, length), s.images, O, s.cout);
}

/** Real activations, y f32. */
export function runRealForward(runtime: Runtime, s: Conv2dCase, x: Float64Array, w: Float64Array, random: TestRandom): Float64Array {
  const { groups, P, O, taps, shape } = sizes(runtime, s);
  const values = put(runtime, toBatchMinor(x, s.images, P, s.cin, new Float32Array(x.length)));
  const words = put(runtime, forwardWords(w, s.cout, taps, s.cin, random));
  const length = s.images * O * s.cout;
  const y = dirty(runtime, length * 4);
  runtime.run('conv2d_f32b1_f32', chunks(s.cout, taps) * groups * bands(outputSize(s.height, s)), values, words, y, shape);
  return fromBatchMinor(runtime.arena.f32(y, length), s.images, O, s.cout);
}

/** dY of a kernel: its type and largest magnitude, by which the kernels of i8 choose their tables. */
export interface GradientOperand {
  type: 'f32' | 'i16' | 'i8';
  qmax: number;
}

export const F32: GradientOperand = { type: 'f32', qmax: 1 };
export const I16: GradientOperand = { type: 'i16', qmax: 511 };
export const i8 = (qmax: number): GradientOperand => ({ type: 'i8', qmax });

/** dy is that of the map behind a pool of this size: [images][floor(OH / size) * floor(OW / size)][cout], argmax alike. */
export interface Pooled {
  size: number;
  argmax: Uint8Array;
}

const ARRAYS = { f32: Float32Array, i16: Int16Array, i8: Int8Array };

/** Positions of dy. */
function stored(s: Conv2dCase, pooled: Pooled | undefined): number {
  const [height, width] = [outputSize(s.height, s), outputSize(s.width, s)];
  return pooled === undefined ? height * width : Math.floor(height / pooled.size) * Math.floor(width / pooled.size);
}

export function runDx(
  runtime: Runtime,
  { type, qmax }: GradientOperand,
  s: Conv2dCase,
  dy: Float64Array,
  w: Float64Array,
  random: TestRandom,
  pooled?: Pooled,
): Float64Array {
  const { groups, P, taps, shape } = sizes(runtime, s);
  const O = stored(s, pooled);
  const rows = put(runtime, toBatchMinor(dy, s.images, O, s.cout, new ARRAYS[type](dy.length)));
  const argmax = pooled ? put(runtime, toBatchMinor(pooled.argmax, s.images, O, s.cout, new Uint8Array(dy.length))) : 0;
  const words = put(runtime, backwardWords(w, s.cout, taps, s.cin, random));
  const length = s.images * P * s.cin;
  const dx = dirty(runtime, length * 4);
  const result = type === 'f32' ? 'f32' : 'i16';
  const items = chunks(s.cin, taps) * groups * bands(s.height);
  runtime.run(`conv2d_${type}b1_${result}_dx`, items, rows, argmax, words, dx, shape, pooled?.size ?? 1, qmax);
  return fromBatchMinor(runtime.arena[result](dx, length), s.images, P, s.cin);
}

/** [cout][tap][cin]; the spare lanes behind the last channel must come out 0. */
export function runDw(
  runtime: Runtime,
  { type, qmax }: GradientOperand,
  s: Conv2dCase,
  dy: Float64Array,
  x: Float64Array,
  pooled?: Pooled,
): Float64Array {
  const { P, taps, shape } = sizes(runtime, s);
  const O = stored(s, pooled);
  const lanes = 64 / ARRAYS[type].BYTES_PER_ELEMENT;
  const tiles = Math.ceil(s.cout / lanes);
  const padded = tiles * lanes * s.images * O;
  const dyT = put(runtime, toTransposed(dy, s.images, O, s.cout, lanes, new ARRAYS[type](padded)));
  const argmaxT = pooled ? put(runtime, toTransposed(pooled.argmax, s.images, O, s.cout, lanes, new Uint8Array(padded).fill(0xaa))) : 0;
  const bits = put(runtime, imageWords(x, s.images, P, s.cin));
  const length = latentLength(s.cout, taps, s.cin);
  const dw = dirty(runtime, length * 4);
  if (type === 'f32') runtime.arena.f32(dw, length).fill(0); // spare tiles of 16 lanes are written by nobody
  const sum = type === 'f32' ? 'f32' : 'i32';
  runtime.run(`conv2d_${type}b1_${sum}_dw`, chunks(s.cin, taps) * tiles, dyT, argmaxT, bits, dw, shape, pooled?.size ?? 1, qmax);
  const result = runtime.arena[sum](dw, length);
  for (let k = 0; k < length; k++) {
    const c = (k % 32) + 32 * Math.floor(k / (32 * taps * s.cin));
    if (c >= s.cout && result[k] !== 0) throw new Error(`spare lane ${k} of dw is ${result[k]}`);
  }
  return fromLatent(result, s.cout, taps, s.cin);
}
