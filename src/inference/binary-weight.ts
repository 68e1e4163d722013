/**
 * Binary weights of a model file: U8 [cout, kh, kw, ceil(cin / 8)], bit i of byte j = input channel 8 j + i, 0 = +1, 1 = -1, spare bits 0.
 * Kernels read 64-bit words along cin: [ceil(cout / columns)][tap][ceil(cin / 64)][columns].
 *
 * @module
 */
import { formatError } from '../format/format-error.js';
import type { OpReader } from './op-reader.js';

/** Sums of ±1 stay in int16. */
const MAX_FAN_IN = 32767;

export interface BinaryWeight {
  /** [cout, kh, kw, ceil(cin / 8)] */
  readonly shape: readonly number[];
  /** In the order of a kernel that reads the words of so many output channels together. */
  words(columns: number): Uint8Array;
  /** f32 ±1 [cout, kh, kw, cin]. */
  signs(): Float32Array;
}

/** Reads `cin` and `weight`. `one` restricts the kernel to 1x1. */
export function readBinaryWeight(op: OpReader, channels: number, one: boolean): BinaryWeight {
  const cin = op.integer('cin', 1, MAX_FAN_IN);
  if (cin !== channels) throw formatError(`${op.where}: cin`, cin, `${channels}, the channels of the input`);
  const rowBytes = Math.ceil(cin / 8);
  const { data, shape } = op.tensor('weight', 'U8', one ? ['cout', 1, 1, rowBytes] : ['cout', 'kh', 'kw', rowBytes]);
  const [cout, kernelHeight, kernelWidth] = shape;
  const taps = kernelHeight * kernelWidth;
  if (taps * cin > MAX_FAN_IN) throw formatError(`${op.where}: fan-in kh * kw * cin`, taps * cin, `at most ${MAX_FAN_IN}`);
  const spare = (0xff << (cin % 8)) & 0xff;
  for (let i = rowBytes - 1; cin % 8 !== 0 && i < data.length; i += rowBytes)
    if ((data[i] & spare) !== 0) throw formatError(`${op.where}: spare bits of weight byte ${i}`, data[i] & spare, '0');
  return { shape, words: (columns) => toWords(data, cout, taps, rowBytes, columns), signs: () => toSigns(data, cin, rowBytes) };
}

function toSigns(data: Uint8Array, cin: number, rowBytes: number): Float32Array {
  return new Float32Array((data.length / rowBytes) * cin).map(
    (_, i) => 1 - 2 * ((data[Math.floor(i / cin) * rowBytes + ((i % cin) >> 3)] >> ((i % cin) & 7)) & 1),
  );
}

/** What is here runs once, so slowly: words are copied in two halves, and loops are short, or V8 13 would compile one while it runs and hold it up meanwhile. */
function toWords(data: Uint8Array, cout: number, taps: number, rowBytes: number, columns: number): Uint8Array {
  const rows = taps * Math.ceil(rowBytes / 8);
  const from = new Int32Array(padRows(data, cout * taps, rowBytes).buffer);
  const to = new Int32Array(Math.ceil(cout / columns) * rows * columns * 2);
  for (let c = 0; c < cout; c++)
    copyWords(to, 2 * (Math.floor(c / columns) * rows * columns + (c % columns)), 2 * columns, from, 2 * c * rows, rows);
  return new Uint8Array(to.buffer);
}

/** Rows of bytes, with zeros behind each up to whole words. */
function padRows(data: Uint8Array, rows: number, rowBytes: number): Uint8Array {
  const step = Math.ceil(rowBytes / 8) * 8;
  if (step === rowBytes) return data;
  const padded = new Uint8Array(rows * step);
  for (let row = 0; row < rows; row++) copyBytes(padded, row * step, data, row * rowBytes, rowBytes);
  return padded;
}

/** Bytes one by one: rows are short, and `subarray` would make an object for each, 500 in a small model, for the garbage collector to find. */
function copyBytes(to: Uint8Array, at: number, from: Uint8Array, begin: number, count: number): void {
  for (let i = 0; i < count; i++) to[at + i] = from[begin + i];
}

function copyWords(to: Int32Array, at: number, step: number, from: Int32Array, begin: number, count: number): void {
  for (let i = 0; i < 2 * count; i += 2, at += step) {
    to[at] = from[begin + i];
    to[at + 1] = from[begin + i + 1];
  }
}
