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
  const spare = cin % 8 === 0 ? 0 : (0xff << (cin % 8)) & 0xff;
  for (let i = rowBytes - 1; i < data.length; i += rowBytes)
    if ((data[i] & spare) !== 0) throw formatError(`${op.where}: spare bits of weight byte ${i}`, data[i] & spare, '0');
  return { shape, words: (columns) => toWords(data, cout, taps, rowBytes, columns) };
}

function toWords(data: Uint8Array, cout: number, taps: number, rowBytes: number, columns: number): Uint8Array {
  const rows = taps * Math.ceil(rowBytes / 8);
  const words = new Uint8Array(Math.ceil(cout / columns) * rows * columns * 8);
  let from = 0;
  for (let c = 0; c < cout; c++) {
    const first = Math.floor(c / columns) * rows * columns + (c % columns);
    for (let row = 0; row < rows; row += rows / taps)
      for (let j = 0; j < rowBytes; j++) words[(first + (row + (j >> 3)) * columns) * 8 + (j & 7)] = data[from++];
  }
  return words;
}
