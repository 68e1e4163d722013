// Float convolutions and linear layers on 64 images at a time: the first and the last layer of a binary network.
//
//   y[o][c]    = sum over taps k and input channels i of w[c][k][i] x[o * stride - padding + k][i] + bias[c]
//   dx[p][i]   = sum over taps k and output channels c of w[c][k][i] dy[o][c]
//   dw[c][k][i] = sum over positions o and images of dy[o][c] x[...][i]
//
// x, y, dx, dy f32 [G][H][W][C][64 images]; w, dw f32 [cout][kh][kw][cin]. Lanes are images. A forward sum runs over (ky, kx, ci) in this
// order, one addition after the other, then the bias: inference adds in the same order, so both give the same bits.

import { ConvShape } from './conv2d_lookup';

const BAND: i32 = 8;
const CHUNK: i32 = 64;
/** Rows of x (256 bytes) that fit in the patch at the start of the scratch memory. */
const PATCH: i32 = 128;

abstract class Tile {
  /** Four output rows x 8 images, or one row x 16 images: y += sum over k < K of w[k] x[k]; the weights of row m at w + m * wM + k * wK. */
  static add(w: usize, wM: usize, wK: usize, x: usize, y: usize, M: i32, K: i32): void {
    let m = 0;
    for (; m + 4 <= M; m += 4, w += 4 * wM, y += 1024) {
      for (let v: usize = 0; v < 256; v += 32) {
        let o = y + v;
        let c00 = v128.load(o),
          c01 = v128.load(o, 16),
          c10 = v128.load(o, 256),
          c11 = v128.load(o, 272);
        let c20 = v128.load(o, 512),
          c21 = v128.load(o, 528),
          c30 = v128.load(o, 768),
          c31 = v128.load(o, 784);
        let w0 = w,
          w1 = w + wM,
          w2 = w1 + wM,
          w3 = w2 + wM;
        for (let p = x + v, end = p + ((<usize>K) << 8); p < end; p += 256) {
          let x0 = v128.load(p),
            x1 = v128.load(p, 16);
          let a = v128.load32_splat(w0);
          c00 = f32x4.add(c00, f32x4.mul(a, x0));
          c01 = f32x4.add(c01, f32x4.mul(a, x1));
          a = v128.load32_splat(w1);
          c10 = f32x4.add(c10, f32x4.mul(a, x0));
          c11 = f32x4.add(c11, f32x4.mul(a, x1));
          a = v128.load32_splat(w2);
          c20 = f32x4.add(c20, f32x4.mul(a, x0));
          c21 = f32x4.add(c21, f32x4.mul(a, x1));
          a = v128.load32_splat(w3);
          c30 = f32x4.add(c30, f32x4.mul(a, x0));
          c31 = f32x4.add(c31, f32x4.mul(a, x1));
          w0 += wK;
          w1 += wK;
          w2 += wK;
          w3 += wK;
        }
        v128.store(o, c00);
        v128.store(o, c01, 16);
        v128.store(o, c10, 256);
        v128.store(o, c11, 272);
        v128.store(o, c20, 512);
        v128.store(o, c21, 528);
        v128.store(o, c30, 768);
        v128.store(o, c31, 784);
      }
    }
    for (; m < M; m++, w += wM, y += 256) {
      for (let v: usize = 0; v < 256; v += 64) {
        let o = y + v;
        let c0 = v128.load(o),
          c1 = v128.load(o, 16),
          c2 = v128.load(o, 32),
          c3 = v128.load(o, 48);
        let w0 = w;
        for (let p = x + v, end = p + ((<usize>K) << 8); p < end; p += 256, w0 += wK) {
          let a = v128.load32_splat(w0);
          c0 = f32x4.add(c0, f32x4.mul(a, v128.load(p)));
          c1 = f32x4.add(c1, f32x4.mul(a, v128.load(p, 16)));
          c2 = f32x4.add(c2, f32x4.mul(a, v128.load(p, 32)));
          c3 = f32x4.add(c3, f32x4.mul(a, v128.load(p, 48)));
        }
        v128.store(o, c0);
        v128.store(o, c1, 16);
        v128.store(o, c2, 32);
        v128.store(o, c3, 48);
      }
    }
  }

  /** acc[m][k] (4 lanes each, K to a row of `PATCH` vectors) += dy[m] * x[k] over 64 images; 4 x 2 at a time. */
  static dot(dy: usize, x: usize, acc: usize, M: i32, K: i32): void {
    const accRow: usize = (<usize>PATCH) << 4;
    let m = 0;
    for (; m + 4 <= M; m += 4, dy += 1024, acc += 4 * accRow) {
      let k = 0;
      for (; k + 2 <= K; k += 2) {
        let a = acc + ((<usize>k) << 4),
          b = x + ((<usize>k) << 8);
        let c00 = v128.load(a),
          c01 = v128.load(a, 16),
          c10 = v128.load(a + accRow),
          c11 = v128.load(a + accRow, 16);
        let c20 = v128.load(a + 2 * accRow),
          c21 = v128.load(a + 2 * accRow, 16),
          c30 = v128.load(a + 3 * accRow),
          c31 = v128.load(a + 3 * accRow, 16);
        for (let v: usize = 0; v < 256; v += 16) {
          let x0 = v128.load(b + v),
            x1 = v128.load(b + v, 256);
          let d = v128.load(dy + v);
          c00 = f32x4.add(c00, f32x4.mul(d, x0));
          c01 = f32x4.add(c01, f32x4.mul(d, x1));
          d = v128.load(dy + v, 256);
          c10 = f32x4.add(c10, f32x4.mul(d, x0));
          c11 = f32x4.add(c11, f32x4.mul(d, x1));
          d = v128.load(dy + v, 512);
          c20 = f32x4.add(c20, f32x4.mul(d, x0));
          c21 = f32x4.add(c21, f32x4.mul(d, x1));
          d = v128.load(dy + v, 768);
          c30 = f32x4.add(c30, f32x4.mul(d, x0));
          c31 = f32x4.add(c31, f32x4.mul(d, x1));
        }
        v128.store(a, c00);
        v128.store(a, c01, 16);
        v128.store(a + accRow, c10);
        v128.store(a + accRow, c11, 16);
        v128.store(a + 2 * accRow, c20);
        v128.store(a + 2 * accRow, c21, 16);
        v128.store(a + 3 * accRow, c30);
        v128.store(a + 3 * accRow, c31, 16);
      }
      for (; k < K; k++)
        for (let i: usize = 0; i < 4; i++) Tile.dotOne(dy + (i << 8), x + ((<usize>k) << 8), acc + i * accRow + ((<usize>k) << 4));
    }
    for (; m < M; m++, dy += 256, acc += accRow)
      for (let k = 0; k < K; k++) Tile.dotOne(dy, x + ((<usize>k) << 8), acc + ((<usize>k) << 4));
  }

  @inline static dotOne(dy: usize, x: usize, acc: usize): void {
    let c = v128.load(acc);
    for (let v: usize = 0; v < 256; v += 16) c = f32x4.add(c, f32x4.mul(v128.load(dy + v), v128.load(x + v)));
    v128.store(acc, c);
  }

  @inline static sum(v: v128): f32 {
    return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
  }
}

/** Copies rows k0 ... k0 + count - 1 of the patch under output (oy, ox) to dst: row k = tap * cin + ci. Rows outside the map are zero. */
function gather(dst: usize, x: usize, s: ConvShape, oy: i32, ox: i32, k0: i32, count: i32): void {
  for (let k = k0; k < k0 + count; ) {
    let tap = k / s.cin;
    let ci = k - tap * s.cin;
    let run = min(s.cin - ci, k0 + count - k);
    let iy = oy * s.stride - s.padding + tap / s.kernelWidth;
    let ix = ox * s.stride - s.padding + (tap % s.kernelWidth);
    let bytes = (<usize>run) << 8;
    if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) memory.fill(dst, 0, bytes);
    else memory.copy(dst, x + ((<usize>(iy * s.width + ix) * <usize>s.cin + <usize>ci) << 8), bytes);
    dst += bytes;
    k += run;
  }
}

/** y = w x + bias. bias 0: none. Item = ((chunk of 64 output channels) * G + group) * bands + band of 8 rows. */
export function conv2d_f32f32_f32(scratch: usize, x: usize, w: usize, bias: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const bands = (s.outHeight + BAND - 1) / BAND;
  const direct = s.kernelHeight * s.kernelWidth == 1 && s.padding == 0; // the patch is one run of x
  for (let item = begin; item < end; item++) {
    const band = item % bands;
    const group = (item / bands) % s.groups;
    const c0 = (item / bands / s.groups) * CHUNK;
    const n = min(CHUNK, s.cout - c0);
    const from = x + ((<usize>(group * s.height * s.width) * <usize>s.cin) << 8);
    for (let oy = band * BAND; oy < min(s.outHeight, band * BAND + BAND); oy++) {
      for (let ox = 0; ox < s.outWidth; ox++) {
        const row = y + ((<usize>((group * s.outHeight + oy) * s.outWidth + ox) * <usize>s.cout + <usize>c0) << 8);
        memory.fill(row, 0, (<usize>n) << 8);
        if (direct) {
          const input = from + ((<usize>(oy * s.stride * s.width + ox * s.stride) * <usize>s.cin) << 8);
          Tile.add(w + ((<usize>c0 * <usize>K) << 2), (<usize>K) << 2, 4, input, row, n, K);
        } else {
          for (let k0 = 0; k0 < K; k0 += PATCH) {
            const count = min(PATCH, K - k0);
            gather(scratch, from, s, oy, ox, k0, count);
            Tile.add(w + ((<usize>(c0 * K + k0)) << 2), (<usize>K) << 2, 4, scratch, row, n, count);
          }
        }
        if (bias != 0) {
          for (let c: usize = 0; c < <usize>n; c++) {
            const b = v128.load32_splat(bias + ((<usize>c0 + c) << 2));
            for (let v = row + (c << 8), stop = v + 256; v < stop; v += 16) v128.store(v, f32x4.add(v128.load(v), b));
          }
        }
      }
    }
  }
}

/** dx = w^T dy. Item = ((chunk of 64 input channels) * G + group) * bands + band of 8 input rows. */
export function conv2d_f32f32_f32_dx(scratch: usize, dy: usize, w: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const bands = (s.height + BAND - 1) / BAND;
  for (let item = begin; item < end; item++) {
    const band = item % bands;
    const group = (item / bands) % s.groups;
    const i0 = (item / bands / s.groups) * CHUNK;
    const n = min(CHUNK, s.cin - i0);
    for (let iy = band * BAND; iy < min(s.height, band * BAND + BAND); iy++) {
      for (let ix = 0; ix < s.width; ix++) {
        const row = dx + ((<usize>((group * s.height + iy) * s.width + ix) * <usize>s.cin + <usize>i0) << 8);
        memory.fill(row, 0, (<usize>n) << 8);
        for (let ky = 0; ky < s.kernelHeight; ky++) {
          const y = iy + s.padding - ky;
          if (y < 0 || y % s.stride != 0 || y / s.stride >= s.outHeight) continue;
          for (let kx = 0; kx < s.kernelWidth; kx++) {
            const x = ix + s.padding - kx;
            if (x < 0 || x % s.stride != 0 || x / s.stride >= s.outWidth) continue;
            const from = dy + ((<usize>((group * s.outHeight + y / s.stride) * s.outWidth + x / s.stride) * <usize>s.cout) << 8);
            Tile.add(w + ((<usize>((ky * s.kernelWidth + kx) * s.cin + i0)) << 2), 4, (<usize>K) << 2, from, row, n, s.cout);
          }
        }
      }
    }
  }
}

/**
 * dw = dy x^T, summed over positions and groups in order. Item = (tile of 16 output channels) * chunks + chunk of 128 weights of a filter.
 * Scratch: the patch, 32 KiB, and 16 x 128 sums of 4 lanes, 32 KiB.
 */
export function conv2d_f32f32_f32_dw(scratch: usize, dy: usize, x: usize, dw: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const chunks = (K + PATCH - 1) / PATCH;
  const direct = s.kernelHeight * s.kernelWidth == 1 && s.padding == 0;
  const acc = scratch + 32768;
  for (let item = begin; item < end; item++) {
    const k0 = (item % chunks) * PATCH;
    const c0 = (item / chunks) * 16;
    const count = min(PATCH, K - k0);
    const n = min(16, s.cout - c0);
    memory.fill(acc, 0, 32768);
    for (let group = 0; group < s.groups; group++) {
      const from = x + ((<usize>(group * s.height * s.width) * <usize>s.cin) << 8);
      for (let oy = 0; oy < s.outHeight; oy++) {
        for (let ox = 0; ox < s.outWidth; ox++) {
          const row = dy + ((<usize>((group * s.outHeight + oy) * s.outWidth + ox) * <usize>s.cout + <usize>c0) << 8);
          if (direct) {
            Tile.dot(row, from + ((<usize>(oy * s.stride * s.width + ox * s.stride) * <usize>s.cin + <usize>k0) << 8), acc, n, count);
          } else {
            gather(scratch, from, s, oy, ox, k0, count);
            Tile.dot(row, scratch, acc, n, count);
          }
        }
      }
    }
    for (let c = 0; c < n; c++) {
      for (let k = 0; k < count; k++) {
        store<f32>(dw + ((<usize>((c0 + c) * K + k0 + k)) << 2), Tile.sum(v128.load(acc + ((<usize>c * <usize>PATCH + <usize>k) << 4))));
      }
    }
  }
}

/** Bias gradient: db[c] = sum of dy over positions and images, in f64. Item = output channel. */
export function bias_f32_dw(scratch: usize, dy: usize, db: usize, groups: i32, positions: i32, channels: i32, begin: i32, end: i32): void {
  for (let c = begin; c < end; c++) {
    let sum: f64 = 0;
    for (let p = 0; p < groups * positions; p++) {
      let row = dy + ((<usize>p * <usize>channels + <usize>c) << 8);
      let v = f32x4.splat(0);
      for (let stop = row + 256; row < stop; row += 16) v = f32x4.add(v, v128.load(row));
      sum += <f64>Tile.sum(v);
    }
    store<f32>(db + ((<usize>c) << 2), <f32>sum);
  }
}
