// The micro-kernels of the f32 products: register tiles of 4 x 8 values, and the rows of x that lie under a window.
//
// A row is one channel at one position: f32 [64 images], 256 bytes. Row k of the patch under an output position is input channel k % cin
// at tap k / cin; rows outside of the map are 0.

import { ConvShape } from './conv2d_lookup';

/** Rows that a product adds up at a time. Their panels and the packed weights of 64 channels are 30 KiB each. */
export const DEPTH: i32 = 120;
/** Positions that a weight gradient takes at a time: 16 channels of them are 16 KiB of dY. */
export const SEGMENT: i32 = 4;

export abstract class Patch {
  /**
   * Rows k0 ... k0 + count - 1 of the patch under output (oy, ox) as panels [8][count][8 images]: the tile reads each from end to end, while
   * rows as they are, 256 bytes apart, share a few sets of an L1 cache (measured: 80 % of the peak, 91 % with panels).
   */
  static panels(to: usize, x: usize, s: ConvShape, oy: i32, ox: i32, k0: i32, count: i32): void {
    const bytes = (<usize>count) << 5;
    const stop = to + bytes;
    let tap = 0;
    if (k0 > 0) tap = k0 / s.cin; // a division costs as much as copying a row
    let ci = k0 - tap * s.cin;
    let ky = 0;
    if (tap > 0) ky = tap / s.kernelWidth;
    let kx = tap - ky * s.kernelWidth;
    while (to < stop) {
      const iy = oy * s.stride - s.padding + ky;
      const ix = ox * s.stride - s.padding + kx;
      const end = min(stop, to + ((<usize>(s.cin - ci)) << 5));
      if (<u32>iy < <u32>s.height && <u32>ix < <u32>s.width) {
        Patch.copy(to, end, bytes, x + ((<usize>(iy * s.width + ix) * <usize>s.cin + <usize>ci) << 8));
      } else {
        Patch.zero(to, end, bytes);
      }
      to = end;
      ci = 0;
      if (++kx == s.kernelWidth) {
        kx = 0;
        ky++;
      }
    }
  }

  /** Rows from `row` on, one after the other, to [to, end) of the first panel and the same places of the other seven. */
  static copy(to: usize, end: usize, bytes: usize, row: usize): void {
    for (; to < end; to += 32) {
      for (let d = to, last = row + 256; row < last; row += 32, d += bytes) {
        v128.store(d, v128.load(row));
        v128.store(d, v128.load(row, 16), 16);
      }
    }
  }

  /** The same of zeros. A call of memory.fill costs more than a hundred stores. */
  static zero(to: usize, end: usize, bytes: usize): void {
    const zero = f32x4.splat(0);
    for (; to < end; to += 32) {
      for (let d = to, last = to + 8 * bytes; d < last; d += bytes) {
        v128.store(d, zero);
        v128.store(d, zero, 16);
      }
    }
  }

  /** All rows of a patch, one after the other. */
  static copyRows(to: usize, x: usize, s: ConvShape, oy: i32, ox: i32): void {
    const run = (<usize>s.cin) << 8;
    for (let ky = 0; ky < s.kernelHeight; ky++) {
      const iy = oy * s.stride - s.padding + ky;
      for (let kx = 0; kx < s.kernelWidth; kx++) {
        const ix = ox * s.stride - s.padding + kx;
        const end = to + run;
        if (<u32>iy < <u32>s.height && <u32>ix < <u32>s.width) {
          for (let row = x + <usize>(iy * s.width + ix) * run; to < end; to += 32, row += 32) {
            v128.store(to, v128.load(row));
            v128.store(to, v128.load(row, 16), 16);
          }
        } else {
          const zero = f32x4.splat(0);
          for (; to < end; to += 16) v128.store(to, zero);
        }
      }
    }
  }

  /** The addresses of these rows as u32, an even number of them; of rows outside of the map, or behind the last one, `zero`. */
  static rows(to: usize, x: usize, zero: usize, s: ConvShape, oy: i32, ox: i32, k0: i32, count: i32): void {
    const stop = to + ((<usize>count) << 2);
    let tap = 0;
    if (k0 > 0) tap = k0 / s.cin;
    let ci = k0 - tap * s.cin;
    let ky = 0;
    if (tap > 0) ky = tap / s.kernelWidth;
    let kx = tap - ky * s.kernelWidth;
    while (to < stop) {
      const iy = oy * s.stride - s.padding + ky;
      const ix = ox * s.stride - s.padding + kx;
      const end = min(stop, to + ((<usize>(s.cin - ci)) << 2));
      let row = zero;
      let step: usize = 0;
      if (<u32>iy < <u32>s.height && <u32>ix < <u32>s.width) {
        row = x + ((<usize>(iy * s.width + ix) * <usize>s.cin + <usize>ci) << 8);
        step = 256;
      }
      for (; to < end; to += 4, row += step) store<u32>(to, <u32>row);
      ci = 0;
      if (++kx == s.kernelWidth) {
        kx = 0;
        ky++;
      }
    }
    if ((count & 1) != 0) store<u32>(to, <u32>zero);
  }
}

export abstract class Tile {
  /**
   * Packs M filters of K weights for `add`: [ceil(M / 4)][K][4]. Weight k of filter m at w + m * row + 4 * k. What stands for filters behind the
   * last one has no meaning.
   */
  static packFilters(to: usize, w: usize, row: usize, M: i32, K: i32): void {
    for (let m = 0; m < M; m += 4, w += 4 * row) {
      // Filters that are not there: the last one again.
      const w1 = m + 1 < M ? w + row : w;
      const w2 = m + 2 < M ? w1 + row : w1;
      const w3 = m + 3 < M ? w2 + row : w2;
      let k: usize = 0;
      for (; k + 16 <= (<usize>K) << 2; k += 16, to += 64) {
        let a0 = v128.load(w + k),
          a1 = v128.load(w1 + k),
          a2 = v128.load(w2 + k),
          a3 = v128.load(w3 + k);
        let b0 = v128.shuffle<i32>(a0, a2, 0, 4, 1, 5),
          b1 = v128.shuffle<i32>(a0, a2, 2, 6, 3, 7);
        let b2 = v128.shuffle<i32>(a1, a3, 0, 4, 1, 5),
          b3 = v128.shuffle<i32>(a1, a3, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<i32>(b0, b2, 0, 4, 1, 5));
        v128.store(to, v128.shuffle<i32>(b0, b2, 2, 6, 3, 7), 16);
        v128.store(to, v128.shuffle<i32>(b1, b3, 0, 4, 1, 5), 32);
        v128.store(to, v128.shuffle<i32>(b1, b3, 2, 6, 3, 7), 48);
      }
      for (; k < (<usize>K) << 2; k += 4, to += 16) {
        store<f32>(to, load<f32>(w + k));
        store<f32>(to, load<f32>(w1 + k), 4);
        store<f32>(to, load<f32>(w2 + k), 8);
        store<f32>(to, load<f32>(w3 + k), 12);
      }
    }
  }

  /** The same for weights that lie the other way: weight k of m at w + 4 * m + k * row. Reads up to 12 bytes past the last one. */
  static packColumns(to: usize, w: usize, row: usize, M: i32, K: i32): void {
    for (let k = 0; k < K; k++, w += row, to += 16) {
      for (let m: usize = 0, d = to; m < (<usize>M) << 2; m += 16, d += (<usize>K) << 4) v128.store(d, v128.load(w + m));
    }
  }

  /**
   * y[m] (rows one after the other) = bias[m] + sum over k of w[m][k] x[k], from 0 if `first`, else from y; one addition after the other.
   * w packed, x panels of K rows, bias 0: none.
   */
  static add(w: usize, x: usize, bias: usize, y: usize, M: i32, K: i32, first: bool): void {
    const bytes = (<usize>K) << 5;
    const zero = f32x4.splat(0);
    for (let m = 0; m < M; m += 4, w += (<usize>K) << 4, y += 1024) {
      let p = x;
      for (let o = y; o < y + 256; o += 32) {
        let c00 = zero,
          c01 = zero,
          c10 = zero,
          c11 = zero;
        let c20 = zero,
          c21 = zero,
          c30 = zero,
          c31 = zero;
        if (!first) {
          c00 = v128.load(o);
          c01 = v128.load(o, 16);
          c10 = v128.load(o, 256);
          c11 = v128.load(o, 272);
          c20 = v128.load(o, 512);
          c21 = v128.load(o, 528);
          c30 = v128.load(o, 768);
          c31 = v128.load(o, 784);
        }
        let q = w;
        for (let end = p + bytes; p < end; p += 32, q += 16) {
          let x0 = v128.load(p),
            x1 = v128.load(p, 16);
          let a = v128.load32_splat(q);
          c00 = f32x4.add(c00, f32x4.mul(a, x0));
          c01 = f32x4.add(c01, f32x4.mul(a, x1));
          a = v128.load32_splat(q, 4);
          c10 = f32x4.add(c10, f32x4.mul(a, x0));
          c11 = f32x4.add(c11, f32x4.mul(a, x1));
          a = v128.load32_splat(q, 8);
          c20 = f32x4.add(c20, f32x4.mul(a, x0));
          c21 = f32x4.add(c21, f32x4.mul(a, x1));
          a = v128.load32_splat(q, 12);
          c30 = f32x4.add(c30, f32x4.mul(a, x0));
          c31 = f32x4.add(c31, f32x4.mul(a, x1));
        }
        if (bias != 0) {
          const b = bias + ((<usize>m) << 2);
          let a = v128.load32_splat(b);
          c00 = f32x4.add(c00, a);
          c01 = f32x4.add(c01, a);
          a = v128.load32_splat(b, 4);
          c10 = f32x4.add(c10, a);
          c11 = f32x4.add(c11, a);
          a = v128.load32_splat(b, 8);
          c20 = f32x4.add(c20, a);
          c21 = f32x4.add(c21, a);
          a = v128.load32_splat(b, 12);
          c30 = f32x4.add(c30, a);
          c31 = f32x4.add(c31, a);
        }
        v128.store(o, c00);
        v128.store(o, c01, 16);
        if (m + 1 < M) {
          v128.store(o, c10, 256);
          v128.store(o, c11, 272);
        }
        if (m + 2 < M) {
          v128.store(o, c20, 512);
          v128.store(o, c21, 528);
        }
        if (m + 3 < M) {
          v128.store(o, c30, 768);
          v128.store(o, c31, 784);
        }
      }
    }
  }

  /**
   * Sums of products over images: sums[k / 2][m / 4][m % 4][k % 2] (four lanes each) += dy[m] * x[k] for the positions of a segment, one
   * after the other; from 0 if `first`. M rows of a position's dy one after the other, at address dy[position] (u32), M rounded up to 4;
   * address of row k of its patch: rows[position][k] (u32, `rowBytes` for a position), K rounded up to 2.
   */
  static dot(dy: usize, rows: usize, rowBytes: usize, sums: usize, M: i32, K: i32, positions: i32, first: bool): void {
    const stop = dy + ((<usize>positions) << 2);
    const zero = f32x4.splat(0);
    for (let k = 0; k < K; k += 2, rows += 8) {
      for (let m: usize = 0; m < (<usize>M) << 8; m += 1024, sums += 128) {
        let c00 = zero,
          c01 = zero,
          c10 = zero,
          c11 = zero;
        let c20 = zero,
          c21 = zero,
          c30 = zero,
          c31 = zero;
        if (!first) {
          c00 = v128.load(sums);
          c01 = v128.load(sums, 16);
          c10 = v128.load(sums, 32);
          c11 = v128.load(sums, 48);
          c20 = v128.load(sums, 64);
          c21 = v128.load(sums, 80);
          c30 = v128.load(sums, 96);
          c31 = v128.load(sums, 112);
        }
        for (let s = dy, t = rows; s < stop; s += 4, t += rowBytes) {
          let d = <usize>load<u32>(s) + m;
          let p0 = <usize>load<u32>(t);
          let p1 = <usize>load<u32>(t, 4);
          for (let end = d + 256; d < end; d += 16, p0 += 16, p1 += 16) {
            let x0 = v128.load(p0),
              x1 = v128.load(p1);
            let a = v128.load(d);
            c00 = f32x4.add(c00, f32x4.mul(a, x0));
            c01 = f32x4.add(c01, f32x4.mul(a, x1));
            a = v128.load(d, 256);
            c10 = f32x4.add(c10, f32x4.mul(a, x0));
            c11 = f32x4.add(c11, f32x4.mul(a, x1));
            a = v128.load(d, 512);
            c20 = f32x4.add(c20, f32x4.mul(a, x0));
            c21 = f32x4.add(c21, f32x4.mul(a, x1));
            a = v128.load(d, 768);
            c30 = f32x4.add(c30, f32x4.mul(a, x0));
            c31 = f32x4.add(c31, f32x4.mul(a, x1));
          }
        }
        v128.store(sums, c00);
        v128.store(sums, c01, 16);
        v128.store(sums, c10, 32);
        v128.store(sums, c11, 48);
        v128.store(sums, c20, 64);
        v128.store(sums, c21, 80);
        v128.store(sums, c30, 96);
        v128.store(sums, c31, 112);
      }
    }
  }

  /** Writes what `dot` summed up, its four lanes added as (0 + 1) + (2 + 3): value (m, k) at out + m * row + 4 * k. */
  static writeSums(sums: usize, out: usize, row: usize, M: i32, K: i32): void {
    const pair = (<usize>((M + 3) >> 2)) << 7; // from k to k + 2
    for (let m = 0; m < M; m++, out += row) {
      let s = sums + ((<usize>(m >> 2)) << 7) + ((<usize>(m & 3)) << 5);
      let k: usize = 0;
      for (; k + 16 <= (<usize>K) << 2; k += 16, s += 2 * pair) {
        let a0 = v128.load(s),
          a1 = v128.load(s, 16),
          a2 = v128.load(s + pair),
          a3 = v128.load(s + pair, 16);
        let b0 = v128.shuffle<i32>(a0, a2, 0, 4, 1, 5),
          b1 = v128.shuffle<i32>(a0, a2, 2, 6, 3, 7);
        let b2 = v128.shuffle<i32>(a1, a3, 0, 4, 1, 5),
          b3 = v128.shuffle<i32>(a1, a3, 2, 6, 3, 7);
        let low = f32x4.add(v128.shuffle<i32>(b0, b2, 0, 4, 1, 5), v128.shuffle<i32>(b0, b2, 2, 6, 3, 7));
        let high = f32x4.add(v128.shuffle<i32>(b1, b3, 0, 4, 1, 5), v128.shuffle<i32>(b1, b3, 2, 6, 3, 7));
        v128.store(out + k, f32x4.add(low, high));
      }
      for (; k < (<usize>K) << 2; k += 4, s += k & 4 ? 16 : pair - 16) store<f32>(out + k, Tile.sum(v128.load(s)));
    }
  }

  @inline static sum(v: v128): f32 {
    return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
  }
}
