// Float convolution and linear layer of ONE image: the first and the last layer of a binary network.
//
//   y[c][o] = (((0 + w[c][0] * x[0]) + w[c][1] * x[1]) + ...) + bias[c]        over (ky, kx, ci) in this order, taps outside count as 0
//
// One multiplication and one addition after the other, each rounded to f32, lanes over positions or output channels: training adds in the
// same order, so both give the same bits. A zero tap is neutral: the sum starts at +0 and x + (±0) = x.
//
//   x, y  f32 planes [channels][stride], y writable up to a multiple of 16 positions         w  f32 [cout][kh][kw][cin]

/** Positions in a work item. */
const TILE: i32 = 16;
/** Rows (one tap and input channel, 16 positions, 64 bytes) of a patch in scratch memory: 32 KiB. */
const PATCH: i32 = 512;

abstract class Tile {
  /** y[c][16 positions] += sum over k < K of w[c][k] x[k] in order, for M channels; `row` = bytes of a filter. */
  static add(w: usize, row: usize, x: usize, y: usize, yStride: usize, M: i32, K: i32): void {
    const end = x + ((<usize>K) << 6);
    let m = 0;
    for (; m + 4 <= M; m += 4, w += 4 * row, y += 4 * yStride) {
      const y1 = y + yStride,
        y2 = y1 + yStride,
        y3 = y2 + yStride;
      for (let v: usize = 0; v < 64; v += 32) {
        let c00 = v128.load(y + v),
          c01 = v128.load(y + v, 16),
          c10 = v128.load(y1 + v),
          c11 = v128.load(y1 + v, 16);
        let c20 = v128.load(y2 + v),
          c21 = v128.load(y2 + v, 16),
          c30 = v128.load(y3 + v),
          c31 = v128.load(y3 + v, 16);
        let w0 = w,
          w1 = w + row,
          w2 = w1 + row,
          w3 = w2 + row;
        for (let p = x + v; p < end; p += 64) {
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
          w0 += 4;
          w1 += 4;
          w2 += 4;
          w3 += 4;
        }
        v128.store(y + v, c00);
        v128.store(y + v, c01, 16);
        v128.store(y1 + v, c10);
        v128.store(y1 + v, c11, 16);
        v128.store(y2 + v, c20);
        v128.store(y2 + v, c21, 16);
        v128.store(y3 + v, c30);
        v128.store(y3 + v, c31, 16);
      }
    }
    for (; m < M; m++, w += row, y += yStride) {
      let c0 = v128.load(y),
        c1 = v128.load(y, 16),
        c2 = v128.load(y, 32),
        c3 = v128.load(y, 48);
      for (let p = x, q = w; p < end; p += 64, q += 4) {
        let a = v128.load32_splat(q);
        c0 = f32x4.add(c0, f32x4.mul(a, v128.load(p)));
        c1 = f32x4.add(c1, f32x4.mul(a, v128.load(p, 16)));
        c2 = f32x4.add(c2, f32x4.mul(a, v128.load(p, 32)));
        c3 = f32x4.add(c3, f32x4.mul(a, v128.load(p, 48)));
      }
      v128.store(y, c0);
      v128.store(y, c1, 16);
      v128.store(y, c2, 32);
      v128.store(y, c3, 48);
    }
  }

  /** Rows k0 ... k0 + count - 1 of the patch under the 16 output positions from p on; row k = tap * cin + ci. */
  static patch(
    to: usize,
    x: usize,
    xStride: usize,
    height: i32,
    width: i32,
    cin: i32,
    kernelWidth: i32,
    stride: i32,
    padding: i32,
    outWidth: i32,
    positions: i32,
    p: i32,
    k0: i32,
    count: i32,
  ): void {
    memory.fill(to, 0, (<usize>count) << 6);
    for (let k = k0; k < k0 + count; ) {
      const tap = k / cin;
      const ci = k - tap * cin;
      const run = min(cin - ci, k0 + count - k);
      for (let i = 0; i < min(TILE, positions - p); i++) {
        const iy = ((p + i) / outWidth) * stride - padding + tap / kernelWidth;
        const ix = ((p + i) % outWidth) * stride - padding + (tap % kernelWidth);
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        let from = x + <usize>ci * xStride + ((<usize>(iy * width + ix)) << 2);
        let at = to + ((<usize>i) << 2);
        for (let end = at + ((<usize>run) << 6); at < end; at += 64, from += xStride) store<f32>(at, load<f32>(from));
      }
      to += (<usize>run) << 6;
      k += run;
    }
  }
}

/** bias f32 [cout], 0: none. Item = 16 output positions. */
export function conv2d_f32f32_f32(
  scratch: usize,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  xStride: usize,
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
  const outWidth = (width + 2 * padding - kernelWidth) / stride + 1;
  const positions = ((height + 2 * padding - kernelHeight) / stride + 1) * outWidth;
  const K = kernelHeight * kernelWidth * cin;
  const zero = f32x4.splat(0);
  for (let item = begin; item < end; item++) {
    const p = item * TILE;
    const out = y + ((<usize>p) << 2);
    for (let c: usize = 0, row = out; c < <usize>cout; c++, row += yStride) {
      v128.store(row, zero);
      v128.store(row, zero, 16);
      v128.store(row, zero, 32);
      v128.store(row, zero, 48);
    }
    for (let k0 = 0; k0 < K; k0 += PATCH) {
      const count = min(PATCH, K - k0);
      Tile.patch(scratch, x, xStride, height, width, cin, kernelWidth, stride, padding, outWidth, positions, p, k0, count);
      Tile.add(w + ((<usize>k0) << 2), (<usize>K) << 2, scratch, out, yStride, cout, count);
    }
    if (bias == 0) continue;
    for (let c: usize = 0, row = out; c < <usize>cout; c++, row += yStride) {
      const b = v128.load32_splat(bias + (c << 2));
      for (let v = row, stop = row + 64; v < stop; v += 16) v128.store(v, f32x4.add(v128.load(v), b));
    }
  }
}

/**
 * x f32, features xStride bytes apart; w f32 [features][lanes], lanes = cout rounded up to 16; bias f32 [lanes], 0: none; y f32 [lanes].
 * Item = 16 output channels.
 */
export function linear_f32f32_f32(
  scratch: usize,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  xStride: usize,
  features: i32,
  cout: i32,
  begin: i32,
  end: i32,
): void {
  const row = (<usize>(cout + 15) & ~15) << 2;
  for (let item = begin; item < end; item++) {
    const offset = (<usize>item) << 6;
    let c0 = f32x4.splat(0),
      c1 = f32x4.splat(0),
      c2 = f32x4.splat(0),
      c3 = f32x4.splat(0);
    let p = x;
    for (let q = w + offset, stop = q + <usize>features * row; q < stop; q += row, p += xStride) {
      let a = v128.load32_splat(p);
      c0 = f32x4.add(c0, f32x4.mul(a, v128.load(q)));
      c1 = f32x4.add(c1, f32x4.mul(a, v128.load(q, 16)));
      c2 = f32x4.add(c2, f32x4.mul(a, v128.load(q, 32)));
      c3 = f32x4.add(c3, f32x4.mul(a, v128.load(q, 48)));
    }
    if (bias != 0) {
      const b = bias + offset;
      c0 = f32x4.add(c0, v128.load(b));
      c1 = f32x4.add(c1, v128.load(b, 16));
      c2 = f32x4.add(c2, v128.load(b, 32));
      c3 = f32x4.add(c3, v128.load(b, 48));
    }
    v128.store(y + offset, c0);
    v128.store(y + offset, c1, 16);
    v128.store(y + offset, c2, 32);
    v128.store(y + offset, c3, 48);
  }
}
