// Binary convolutions and linear layers of ONE image by XNOR and popcount: the second exact form, beside the tables of positional.ts.
//
//   y[c][o] = sum over taps k and input channels i of w[c][k][i] x[i][o * stride - padding + k]      taps outside the map are skipped
//           = taps in the map * cin - 2 * popcount(xBits xor wBits[c])                               x, w in {-1, +1}
//
// Bit 0 stands for +1, bit 1 for -1. Spare bits are 0 on both sides, so they never count. A linear layer is a convolution of one position.
//
//   x  u64 [position][blocks], bits along cin, blocks = ceil(cin / 64): the taps of a filter's row lie side by side
//   w  u64 [ceil(cout / 8)][tap][blocks][8]: eight output channels read one cache line per word, one line after the other
//
// Counts stay in their byte, two channels to a vector, without sums across lanes. The same loop with i64.popcnt is 1.1-1.4 times as fast on x86
// with V8 13, and slower with V8 11; but x86 is where tables win, and ARM counts bits in vector registers only, where 64 bits take as long as 128.

/** Output channels in a work item. */
const COLUMNS: i32 = 8;
/** Words that a byte can count: each adds at most 8, and 31 * 8 = 248 <= 255. */
const WORDS: usize = 31;

/**
 * x i8 ±1 planes [channels][xStride] -> words u64 [position][ceil(channels / 64)]. Planes one byte apart are a vector, of one position.
 * Item = 16 positions.
 */
export function pack_i8_b1(
  scratch: usize,
  x: usize,
  words: usize,
  xStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const row = (<usize>((channels + 63) >> 6)) << 3;
  const zero = i8x16.splat(0);
  for (let item = begin; item < end; item++) {
    const first = item << 4;
    const count = <usize>min(16, positions - first);
    const from = x + <usize>first;
    const to = words + <usize>first * row;
    for (let byte: usize = 0; byte < row; byte++) {
      const c = (<i32>byte) << 3;
      let bits = zero;
      if (xStride == 1) {
        // Eight channels of the one position.
        const there = max(0, min(8, channels - c));
        bits = i8x16.splat(<i8>(i8x16.bitmask(v128.load(from + <usize>c)) & ((1 << there) - 1)));
      } else {
        // Bit by bit, 16 positions at a time.
        let bit = i8x16.splat(1);
        let plane = from + <usize>c * xStride;
        for (let i = c; i < min(channels, c + 8); i++, plane += xStride) {
          bits = v128.or(bits, v128.and(i8x16.lt_s(v128.load(plane), zero), bit));
          bit = i8x16.add(bit, bit);
        }
      }
      v128.store(scratch, bits);
      for (let p: usize = 0; p < count; p++) store<u8>(to + p * row + byte, load<u8>(scratch + p));
    }
  }
}

abstract class Count {
  /** Adds the bytes of s in pairs to counts of 16 bits. */
  @inline static flush(sum: v128, s: v128): v128 {
    return i16x8.add(sum, i16x8.extadd_pairwise_i8x16_u(s));
  }

  /** The counts of two vectors of two channels each, i32 [4]: four numbers a channel become two, then one. */
  @inline static across(a: v128, b: v128): v128 {
    const even = v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
    return i32x4.extadd_pairwise_i16x8_s(i16x8.add(even, v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15)));
  }

  /** y i16 [8] to planes that begin yStride bytes apart. */
  @inline static scatter(y: v128, out: usize, yStride: usize): void {
    v128.store_lane<i16>(out, y, 0);
    v128.store_lane<i16>(out + yStride, y, 1);
    v128.store_lane<i16>(out + 2 * yStride, y, 2);
    v128.store_lane<i16>(out + 3 * yStride, y, 3);
    v128.store_lane<i16>(out + 4 * yStride, y, 4);
    v128.store_lane<i16>(out + 5 * yStride, y, 5);
    v128.store_lane<i16>(out + 6 * yStride, y, 6);
    v128.store_lane<i16>(out + 7 * yStride, y, 7);
  }
}

/** y i16 planes [cout][yStride], kh * kw * cin <= 32,767. Item = 8 output channels. */
export function popcount_b1b1_i16(
  scratch: usize,
  x: usize,
  w: usize,
  y: usize,
  yStride: usize,
  height: i32,
  width: i32,
  cin: i32,
  cout: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride: i32,
  padding: i32,
  begin: i32,
  end: i32,
): void {
  // Last rows and columns where a filter begins: without the output's sizes no quotient is computed again in every loop, as V8 11 does.
  const lastY = height + padding - kernelHeight;
  const lastX = width + padding - kernelWidth;
  const blocks = (cin + 63) >> 6;
  const xRow = (<usize>(width * blocks)) << 3;
  const wRow = (<usize>(kernelWidth * blocks)) << 6;
  const zero = i8x16.splat(0);
  for (let item = begin; item < end; item++) {
    const c = item * COLUMNS;
    const columns = <usize>min(COLUMNS, cout - c);
    const filters = w + ((<usize>(item * kernelHeight * kernelWidth * blocks)) << 6);
    let out = y + <usize>c * yStride;
    for (let iy = -padding; iy <= lastY; iy += stride) {
      const ky0 = max(0, -iy);
      const ky1 = min(kernelHeight, height - iy);
      for (let ix = -padding; ix <= lastX; ix += stride, out += 2) {
        const kx0 = max(0, -ix);
        const taps = max(0, min(kernelWidth, width - ix) - kx0);
        let n0 = zero,
          n1 = zero,
          n2 = zero,
          n3 = zero;
        const rows = max(0, ky1 - ky0);
        const rowBytes = (<usize>(taps * blocks)) << 3;
        let xFrom = x + ((<usize>(((iy + ky0) * width + ix + kx0) * blocks)) << 3);
        let wFrom = filters + ((<usize>((ky0 * kernelWidth + kx0) * blocks)) << 6);
        for (let row = rows; row > 0; row--, xFrom += xRow, wFrom += wRow) {
          let p = xFrom;
          let q = wFrom;
          for (const stop = p + rowBytes; p < stop; ) {
            let s0 = zero,
              s1 = zero,
              s2 = zero,
              s3 = zero;
            for (const flush = min(stop, p + WORDS * 8); p < flush; p += 8, q += 64) {
              const bits = v128.load64_splat(p);
              s0 = i8x16.add(s0, i8x16.popcnt(v128.xor(bits, v128.load(q))));
              s1 = i8x16.add(s1, i8x16.popcnt(v128.xor(bits, v128.load(q, 16))));
              s2 = i8x16.add(s2, i8x16.popcnt(v128.xor(bits, v128.load(q, 32))));
              s3 = i8x16.add(s3, i8x16.popcnt(v128.xor(bits, v128.load(q, 48))));
            }
            n0 = Count.flush(n0, s0);
            n1 = Count.flush(n1, s1);
            n2 = Count.flush(n2, s2);
            n3 = Count.flush(n3, s3);
          }
        }
        const all = i16x8.splat(<i16>(rows * taps * cin));
        const n = i16x8.narrow_i32x4_s(Count.across(n0, n1), Count.across(n2, n3));
        const sums = i16x8.sub(all, i16x8.add(n, n));
        if (columns == COLUMNS) Count.scatter(sums, out, yStride);
        else {
          v128.store(scratch, sums);
          for (let i: usize = 0; i < columns; i++) store<i16>(out + i * yStride, load<i16>(scratch + (i << 1)));
        }
      }
    }
  }
}
