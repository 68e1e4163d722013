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
  /**
   * y[c][16 positions] = the sum so far (`fresh`: 0) + sum over k < K of w[c][k] x[k] in order, for M channels; `row` = bytes of a filter.
   * Four channels at a time: of the last ones, one may be computed, and written, more than once.
   */
  static add(w: usize, row: usize, x: usize, y: usize, yStride: usize, M: usize, K: i32, fresh: bool): void {
    const zero = f32x4.splat(0);
    const end = x + ((<usize>K) << 6);
    for (let m: usize = 0; m < M; m += 4, w += 4 * row, y += 4 * yStride) {
      const last = M - 1 - m;
      const i1 = min(1, last),
        i2 = min(2, last),
        i3 = min(3, last);
      const y1 = y + i1 * yStride,
        y2 = y + i2 * yStride,
        y3 = y + i3 * yStride;
      const second = w + i1 * row,
        third = w + i2 * row,
        fourth = w + i3 * row;
      for (let v: usize = 0; v < 64; v += 32) {
        let c00 = zero,
          c01 = zero,
          c10 = zero,
          c11 = zero,
          c20 = zero,
          c21 = zero,
          c30 = zero,
          c31 = zero;
        if (!fresh) {
          c00 = v128.load(y + v);
          c01 = v128.load(y + v, 16);
          c10 = v128.load(y1 + v);
          c11 = v128.load(y1 + v, 16);
          c20 = v128.load(y2 + v);
          c21 = v128.load(y2 + v, 16);
          c30 = v128.load(y3 + v);
          c31 = v128.load(y3 + v, 16);
        }
        let w0 = w,
          w1 = second,
          w2 = third,
          w3 = fourth;
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
    // Row by row of the map: divisions for every position took a quarter of the first layer's time.
    for (let end = min(p + TILE, positions); p < end; ) {
      const oy = p / outWidth;
      const ox = p % outWidth;
      const n = min(end - p, outWidth - ox);
      let row = to;
      for (let k = k0; k < k0 + count; ) {
        const tap = k / cin;
        const ci = k - tap * cin;
        const run = min(cin - ci, k0 + count - k);
        const iy = oy * stride - padding + tap / kernelWidth;
        const ix = ox * stride - padding + (tap % kernelWidth);
        if (<u32>iy < <u32>height) {
          // Of the n positions those whose column is in the map.
          const first = (<usize>((max(0, -ix) + stride - 1) / stride)) << 2;
          const last = (<usize>min(n, max(0, width - ix + stride - 1) / stride)) << 2;
          let from = x + <usize>ci * xStride + ((<usize>(iy * width + ix)) << 2);
          for (let at = row, stop = at + ((<usize>run) << 6); at < stop; at += 64, from += xStride) {
            for (let i = first; i < last; i += 4) store<f32>(at + i, load<f32>(from + i * stride));
          }
        }
        row += (<usize>run) << 6;
        k += run;
      }
      to += (<usize>n) << 2;
      p += n;
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
  for (let item = begin; item < end; item++) {
    const p = item * TILE;
    const out = y + ((<usize>p) << 2);
    for (let k0 = 0; k0 < K; k0 += PATCH) {
      const count = min(PATCH, K - k0);
      Tile.patch(scratch, x, xStride, height, width, cin, kernelWidth, stride, padding, outWidth, positions, p, k0, count);
      Tile.add(w + ((<usize>k0) << 2), (<usize>K) << 2, scratch, out, yStride, cout, count, k0 == 0);
    }
    if (bias == 0) continue;
    for (let c: usize = 0, row = out; c < <usize>cout; c++, row += yStride) {
      const b = v128.load32_splat(bias + (c << 2));
      for (let v = row, stop = row + 64; v < stop; v += 16) v128.store(v, f32x4.add(v128.load(v), b));
    }
  }
}

/**
 * x f32, features xStride bytes apart; w f32 [features][lanes], lanes = cout rounded up to 4; bias f32 [lanes], 0: none; y f32 [lanes].
 * Item = 16 output channels, four vectors; where the last item has fewer, its last one is computed, and written, more than once.
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
  const row = (<usize>(cout + 3) & ~3) << 2;
  for (let item = begin; item < end; item++) {
    const offset = (<usize>item) << 6;
    const last = row - offset - 16;
    const o1 = min(16, last),
      o2 = min(32, last),
      o3 = min(48, last);
    let c0 = f32x4.splat(0),
      c1 = f32x4.splat(0),
      c2 = f32x4.splat(0),
      c3 = f32x4.splat(0);
    let p = x;
    for (let q = w + offset, stop = q + <usize>features * row; q < stop; q += row, p += xStride) {
      let a = v128.load32_splat(p);
      c0 = f32x4.add(c0, f32x4.mul(a, v128.load(q)));
      c1 = f32x4.add(c1, f32x4.mul(a, v128.load(q + o1)));
      c2 = f32x4.add(c2, f32x4.mul(a, v128.load(q + o2)));
      c3 = f32x4.add(c3, f32x4.mul(a, v128.load(q + o3)));
    }
    if (bias != 0) {
      const b = bias + offset;
      c0 = f32x4.add(c0, v128.load(b));
      c1 = f32x4.add(c1, v128.load(b + o1));
      c2 = f32x4.add(c2, v128.load(b + o2));
      c3 = f32x4.add(c3, v128.load(b + o3));
    }
    const to = y + offset;
    v128.store(to, c0);
    v128.store(to + o1, c1);
    v128.store(to + o2, c2);
    v128.store(to + o3, c3);
  }
}
