// The binary behind bitgauss/kernels: pure kernels, called with typed arrays. The one managed file of this folder: it has a heap, a runtime that the
// host calls to allocate and to collect, and it imports env.abort. Arguments are checked by its caller, src/kernels; exports have the names of the functions there.
//
// Bits: u8 [rows][ceil(columns / 8)], bit i of byte j = column 8 j + i, 0 = +1, 1 = -1, spare bits 0.

import { hamming_b1b1_i32, nearest_i32 } from './kernels/hamming';
import { filter_words_b1, interleave_i16_i32, pack_f32_b1, words_b1 } from './kernels/packed_rows';
import { popcount_b1b1_i16 } from './kernels/popcount';
import { random_normal_f32 } from './kernels/random';
import { sample_gaussian_f32 } from './kernels/sample_gaussian';

/** Scratch memory: no kernel here uses more than the signs of a row's end. */
const SCRATCH = memory.data(256, 16);

/** How many work items of `size` cover n. */
function items(n: i32, size: i32): i32 {
  return (n + size - 1) / size;
}

/** values f32 [rows][columns] -> bits [rows][columns]. */
export function packSigns(values: Float32Array, columns: i32): Uint8Array {
  const rows = values.length / columns;
  const packed = new Uint8Array(rows * items(columns, 8));
  pack_f32_b1(SCRATCH, values.dataStart, packed.dataStart, columns, 0, rows);
  return packed;
}

/** codes bits [count], queries bits [rows], `bits` each -> i32 [rows][count]. */
export function hammingDistances(codes: Uint8Array, queries: Uint8Array, bits: i32): Int32Array {
  const rowBytes = items(bits, 8);
  const count = codes.length / rowBytes;
  const rows = queries.length / rowBytes;
  const distances = new Int32Array(rows * count);
  hamming_b1b1_i32(SCRATCH, queries.dataStart, codes.dataStart, distances.dataStart, rowBytes, rows, count, 0, items(count, 64));
  return distances;
}

/** The nearest codes of each query -> u32 [2][rows][nearest], indices and distances. nearest is at most the number of codes. */
export function hammingTopK(codes: Uint8Array, queries: Uint8Array, nearest: i32, bits: i32): Uint32Array {
  const rowBytes = items(bits, 8);
  const count = codes.length / rowBytes;
  const rows = queries.length / rowBytes;
  const distances = new StaticArray<i32>(count);
  const starts = new StaticArray<u32>(bits + 1);
  const found = new Uint32Array(2 * rows * nearest);
  for (let row = 0; row < rows; row++) {
    const from = queries.dataStart + <usize>row * rowBytes;
    const to = found.dataStart + ((<usize>(row * nearest)) << 2);
    hamming_b1b1_i32(SCRATCH, from, codes.dataStart, changetype<usize>(distances), rowBytes, 1, count, 0, items(count, 64));
    const apart = (<usize>(rows * nearest)) << 2;
    nearest_i32(SCRATCH, changetype<usize>(distances), changetype<usize>(starts), to, to + apart, count, nearest, bits, 0, 1);
  }
  return found;
}

/** The codes of an index: they stay here while this instance lives. */
let stored: Uint8Array = new Uint8Array(0);

export function storeCodes(codes: Uint8Array): void {
  stored = codes;
}

export function storedDistances(queries: Uint8Array, bits: i32): Int32Array {
  return hammingDistances(stored, queries, bits);
}

export function storedTopK(queries: Uint8Array, nearest: i32, bits: i32): Uint32Array {
  return hammingTopK(stored, queries, nearest, bits);
}

/** a bits [m][k], b bits [n][k] -> i32 [m][n]: a_i . b_j = k - 2 popcount(a_i xor b_j). */
export function xnorGemm(a: Uint8Array, b: Uint8Array, k: i32): Int32Array {
  const products = hammingDistances(b, a, k);
  const all = i32x4.splat(k);
  let p = products.dataStart;
  const end = p + products.byteLength;
  for (; p + 16 <= end; p += 16) v128.store(p, i32x4.sub(all, i32x4.shl(v128.load(p), 1)));
  for (; p < end; p += 4) store<i32>(p, k - (load<i32>(p) << 1));
  return products;
}

/** x bits [images][height][width][cin], w bits [cout][kernelHeight][kernelWidth][cin] -> i32 [images][H'][W'][cout]. */
export function xnorConv2d(
  x: Uint8Array,
  w: Uint8Array,
  height: i32,
  width: i32,
  cin: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  padding: i32,
): Int32Array {
  const rowBytes = items(cin, 8);
  const blocks = items(cin, 64);
  const taps = kernelHeight * kernelWidth;
  const cout = w.length / (taps * rowBytes);
  const images = x.length / (height * width * rowBytes);
  const positions = ((height + 2 * padding - kernelHeight) / stride + 1) * ((width + 2 * padding - kernelWidth) / stride + 1);
  const groups = items(cout, 8);

  const filters = new StaticArray<u64>(groups * 8 * taps * blocks);
  filter_words_b1(SCRATCH, w.dataStart, changetype<usize>(filters), cout, taps, rowBytes, 0, groups);
  // Rows that end on a word are read where they are.
  const whole = rowBytes == blocks << 3;
  const padded = new StaticArray<u64>(whole ? 0 : height * width * blocks);
  const sums = new StaticArray<i16>(8 * positions);
  const y = new Int32Array(images * positions * cout);
  for (let image = 0; image < images; image++) {
    let map = x.dataStart + <usize>(image * height * width * rowBytes);
    if (!whole) {
      words_b1(SCRATCH, map, changetype<usize>(padded), rowBytes, 0, height * width);
      map = changetype<usize>(padded);
    }
    const out = y.dataStart + ((<usize>(image * positions * cout)) << 2);
    // Eight output channels at a time, which lie side by side in y, while their sums are in the cache.
    for (let group = 0; group < groups; group++) {
      const channels = min(8, cout - (group << 3));
      popcount_b1b1_i16(
        SCRATCH,
        map,
        changetype<usize>(filters) + ((<usize>(group * taps * blocks)) << 6),
        changetype<usize>(sums),
        positions << 1,
        height,
        width,
        cin,
        channels,
        kernelHeight,
        kernelWidth,
        stride,
        padding,
        0,
        1,
      );
      interleave_i16_i32(SCRATCH, changetype<usize>(sums), out + ((<usize>group) << 5), channels, positions, cout, 0, positions);
    }
  }
  return y;
}

/**
 * mean f32 [n], factor f32 [rank][n], diagonal f32 [n] or [0] -> draws f32 [samples][n]. Draw s takes its rank normal numbers from the stream `purpose`
 * at step + s, and those of the diagonal from the stream `own`.
 */
export function sampleGaussian(
  mean: Float32Array,
  factor: Float32Array,
  diagonal: Float32Array,
  key0: u32,
  key1: u32,
  purpose: u32,
  own: u32,
  step: u32,
  samples: i32,
): Float32Array {
  const n = mean.length;
  const rank = factor.length / n;
  const each = diagonal.length > 0;
  // The generator writes whole blocks of four.
  const r = new StaticArray<f32>((rank + 3) & ~3);
  const g = new StaticArray<f32>(each ? (n + 3) & ~3 : 0);
  const y = new Float32Array(samples * n);
  for (let s = 0; s < samples; s++) {
    const noise = changetype<usize>(r);
    random_normal_f32(SCRATCH, noise, key0, key1, purpose, step + s, 1, rank, 0, items(rank, 4096));
    if (each) random_normal_f32(SCRATCH, changetype<usize>(g), key0, key1, own, step + s, 1, n, 0, items(n, 4096));
    const d = each ? diagonal.dataStart : 0;
    const out = y.dataStart + ((<usize>(s * n)) << 2);
    sample_gaussian_f32(SCRATCH, mean.dataStart, factor.dataStart, d, noise, changetype<usize>(g), out, n, rank, 0, items(n, 4096));
  }
  return y;
}
