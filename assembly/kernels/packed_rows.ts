// Packed bits as a model file has them, u8 [rows][ceil(columns / 8)], bit i of byte j = column 8 j + i, 1 = -1, spare bits 0: made from numbers, and
// brought into the order of the popcount kernel.

import { Signs } from '../lib/signs';

/** Signs of x f32 [rows][columns] -> y u8 [rows][ceil(columns / 8)]; -0 and NaN are +1. Item = one row. */
export function pack_f32_b1(scratch: usize, x: usize, y: usize, columns: i32, begin: i32, end: i32): void {
  const rowBytes = <usize>((columns + 7) >> 3);
  const whole = columns & ~31;
  const left = columns & 31;
  for (let row = begin; row < end; row++) {
    let from = x + ((<usize>row * <usize>columns) << 2);
    let to = y + <usize>row * rowBytes;
    for (let i = 0; i < whole; i += 32, from += 128, to += 4) store<u32>(to, Signs.pack(from, 0, 0, 0, 0));
    if (left == 0) continue;
    memory.fill(scratch, 0, 128);
    memory.copy(scratch, from, (<usize>left) << 2);
    store<u32>(scratch, Signs.pack(scratch, 0, 0, 0, 0), 128);
    memory.copy(to, scratch + 128, <usize>((left + 7) >> 3));
  }
}

/** Rows as words: bytes behind a row's end count as 0 and are not read; at most 8 bytes before its begin are. */
abstract class Words {
  /** Writes the words of a row, `step` bytes apart. */
  @inline static write(row: usize, rowBytes: usize, to: usize, step: usize): void {
    const end = row + rowBytes;
    for (; row + 8 <= end; row += 8, to += step) store<u64>(to, load<u64>(row));
    const left = end - row;
    if (left != 0) store<u64>(to, load<u64>(end - 8) >> ((8 - <u64>left) << 3));
  }
}

/** Rows that end on a word: x u8 [rows][rowBytes] -> words u64 [rows][ceil(rowBytes / 8)]. Item = one row. */
export function words_b1(scratch: usize, x: usize, words: usize, rowBytes: usize, begin: i32, end: i32): void {
  const padded = (rowBytes + 7) & ~7;
  for (let row = <usize>begin; row < <usize>end; row++) Words.write(x + row * rowBytes, rowBytes, words + row * padded, 8);
}

/** Filters: w u8 [cout][taps][rowBytes] -> words u64 [ceil(cout / 8)][taps][ceil(rowBytes / 8)][8]. Item = 8 output channels. */
export function filter_words_b1(scratch: usize, w: usize, words: usize, cout: i32, taps: i32, rowBytes: usize, begin: i32, end: i32): void {
  const tapBytes = ((rowBytes + 7) >> 3) << 6;
  const itemBytes = <usize>taps * tapBytes;
  memory.fill(words + <usize>begin * itemBytes, 0, <usize>(end - begin) * itemBytes);
  for (let c = begin << 3, stop = min(end << 3, cout); c < stop; c++) {
    let from = w + <usize>(c * taps) * rowBytes;
    let to = words + <usize>(c >> 3) * itemBytes + ((<usize>(c & 7)) << 3);
    for (let tap = 0; tap < taps; tap++, from += rowBytes, to += tapBytes) Words.write(from, rowBytes, to, 64);
  }
}

/** Sums of one popcount item: x i16 planes [channels][positions] -> y i32 [position][stride], channels <= 8, y at the first of them. Item = one position. */
export function interleave_i16_i32(
  scratch: usize,
  x: usize,
  y: usize,
  channels: i32,
  positions: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  const plane = (<usize>positions) << 1;
  for (let p = begin; p < end; p++) {
    let from = x + ((<usize>p) << 1);
    const to = y + ((<usize>p * <usize>stride) << 2);
    for (let c = 0; c < channels; c++, from += plane) store<i32>(to + ((<usize>c) << 2), load<i16>(from));
  }
}
