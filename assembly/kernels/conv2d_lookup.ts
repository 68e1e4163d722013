// Binary convolutions and linear layers on 64 images at a time: forward pass and input gradient.
//
//   y[o]  = sum over taps k of w[k] x[i]        i = o * stride - padding + k, taps outside the map are skipped
//   dx[i] = sum over taps k of w[k]^T dy[o]
//
// Batch-minor layout: an activation tensor is [G][H][W][C][64 images]. Lanes are images, so a border is a skipped tap and any
// kernel size, stride and padding is the same loop. A linear layer is a 1x1 convolution of a 1x1 map.
//
//   x    i8 ±1 (0 for images that do not count), or f32    w     u64 [tap][ceil(cin / 64)][cout], bits along cin
//   y    i16, or f32                                       wT    u64 [tap][ceil(cout / 64)][cin], bits along cout
//   dy   T [G][OH][OW][cout][64], T = i8, i16 or f32       dx    i16, saturating, or f32
//
// Behind a max pool dy is the gradient of the POOLED map, T [G][OH / pool][OW / pool][cout][64], with its argmax, u8 in the same layout: the place in a
// window, in row-major order, that the value came from. The tables are built of what the argmax leaves of it at each position; the gradient of
// the map before the pool, four times as large and mostly zeros, is never stored. What windows do not cover has no gradient. No pool: argmax 0, pool 1.
//
// Work items never share a row of the result, and the order of f32 sums does not depend on how items are split. The weight gradient: conv2d_lookup_dw.

import {
  HALVES,
  LAST,
  MAX_WHOLE,
  OVER_4,
  OVER_5,
  ROWS_FOR_FIVE,
  rowsF32,
  rowsHalves,
  rowsOnce,
  rowsOnce4,
  rowsSaturating,
  rowsWide,
  SIGNS,
  Table,
} from './lookup';

/** Rows of the map in one work item. */
export const BAND: i32 = 8;

/** Channels of the result in one work item. Tables are rebuilt per chunk and serve its channels times the taps that a position meets. */
export abstract class Chunk {
  /**
   * With more than one tap 128: that costs nothing, 64 would cost 7 %. With one, chunks of 512 are 20-30 % faster than chunks of 128 (linear layers 256 -> 256 to
   * 9216 -> 4096, all three products); narrow layers keep two of them for threads.
   */
  @inline static of(channels: i32, taps: i32): i32 {
    return taps > 1 ? 128 : channels < 1024 ? 256 : 512;
  }
}

/** The sizes of a convolution, as i32 in this order. */
@unmanaged
export class ConvShape {
  groups: i32;
  height: i32;
  width: i32;
  cin: i32;
  outHeight: i32;
  outWidth: i32;
  cout: i32;
  kernelHeight: i32;
  kernelWidth: i32;
  stride: i32;
  padding: i32;
}

abstract class Taps {
  /** Position that tap k connects to position p, forward (input to output) or backward (output to input); -1 if there is none. */
  @inline static target(p: i32, k: i32, stride: i32, padding: i32, backward: bool): i32 {
    if (backward) return p * stride - padding + k;
    let scaled = p + padding - k;
    if (stride == 1) return scaled;
    return scaled >= 0 && scaled % stride == 0 ? scaled / stride : -1;
  }
  /** Whether any tap connects position p to a target in [from, to). */
  static any(p: i32, taps: i32, stride: i32, padding: i32, backward: bool, from: i32, to: i32): bool {
    for (let k = 0; k < taps; k++) {
      let t = Taps.target(p, k, stride, padding, backward);
      if (t >= from && t < to) return true;
    }
    return false;
  }
}

export abstract class Rows {
  /** Adds the tables at t, of that kind, to n rows of A at y. */
  @inline static add<T, A>(t: usize, word: usize, y: usize, stride: usize, n: i32, kind: i32): void {
    if (isFloat<T>()) rowsF32(t, word, y, stride, n);
    else if (sizeof<T>() == sizeof<A>()) rowsSaturating(t, word, y, stride, n);
    else if (sizeof<T>() == 2) rowsOnce<i16>(t, word, y, LAST, stride, n);
    else if (kind == HALVES) rowsHalves(t, word, y, stride, n);
    else if (kind == SIGNS) rowsOnce<i8>(t, word, y, LAST, stride, n);
    else if (kind == OVER_4) rowsOnce4(t, word, y, stride, n);
    else rowsWide(t, word, y, stride, n);
  }
}

/**
 * Adds w[tap] * source[p] to every target position that a tap connects with p. Forward: from x to y. Backward: from dy to dx. i8: |source| <= qmax.
 * source and argmax are those of the map behind the pool; positions are those before it.
 * Item = ((chunk of target channels) * groups + group) * bands + band of target rows.
 */
function scatter<T, A>(
  scratch: usize,
  source: usize,
  argmax: usize,
  words: usize,
  target: usize,
  shape: ConvShape,
  backward: bool,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const storedHeight = (backward ? shape.outHeight : shape.height) / pool;
  const storedWidth = (backward ? shape.outWidth : shape.width) / pool;
  const height = backward ? shape.height : shape.outHeight;
  const width = backward ? shape.width : shape.outWidth;
  const K = backward ? shape.cout : shape.cin;
  const N = backward ? shape.cin : shape.cout;
  const kh = shape.kernelHeight;
  const kw = shape.kernelWidth;
  const stride = shape.stride;
  const padding = shape.padding;
  const blocks = (K + 63) >> 6;
  const bands = (height + BAND - 1) / BAND;
  const chunk = Chunk.of(N, kh * kw);
  const sourceRow: usize = 64 * sizeof<T>();
  const targetRow: usize = 64 * sizeof<A>();
  const slices: usize = sizeof<T>(); // the 64 images of a term are 1, 2 or 4 vectors of 64 bytes
  const targetSlice: usize = (64 / sizeof<T>()) * sizeof<A>();
  for (let item = begin; item < end; item++) {
    const band = item % bands;
    const group = (item / bands) % shape.groups;
    const n0 = (item / bands / shape.groups) * chunk;
    const n = min(chunk, N - n0);
    const top = band * BAND;
    const bottom = min(height, top + BAND);
    let kind = OVER_5;
    if (sizeof<T>() == 1) {
      if (qmax > MAX_WHOLE) kind = HALVES;
      else if (qmax == 1) kind = (n * kh * kw) / (stride * stride) < ROWS_FOR_FIVE ? OVER_4 : SIGNS;
    }
    const first = group * storedHeight * storedWidth;
    const to = target + <usize>group * <usize>(height * width) * <usize>N * targetRow;
    for (let p = top * width; p < bottom * width; p++)
      memory.fill(to + (<usize>p * <usize>N + <usize>n0) * targetRow, 0, <usize>n * targetRow);
    for (let py = 0; py < storedHeight * pool; py++) {
      if (!Taps.any(py, kh, stride, padding, backward, top, bottom)) continue;
      for (let px = 0; px < storedWidth * pool; px++) {
        if (!Taps.any(px, kw, stride, padding, backward, 0, width)) continue;
        const stored = <usize>(first + (py / pool) * storedWidth + px / pool) * <usize>K;
        const k = (py % pool) * pool + (px % pool);
        for (let block = 0; block < blocks; block++) {
          const term = stored + <usize>(block << 6);
          for (let slice: usize = 0; slice < slices; slice++) {
            const terms = source + term * sourceRow + (slice << 6);
            const place = argmax != 0 ? argmax + (term << 6) + slice * (64 / sizeof<T>()) : 0;
            Table.build<T>(scratch, terms, sourceRow, min(64, K - (block << 6)), kind, place, 64, k);
            for (let ky = 0; ky < kh; ky++) {
              let ty = Taps.target(py, ky, stride, padding, backward);
              if (ty < top || ty >= bottom) continue;
              for (let kx = 0; kx < kw; kx++) {
                let tx = Taps.target(px, kx, stride, padding, backward);
                if (tx < 0 || tx >= width) continue;
                let word = words + ((<usize>((ky * kw + kx) * blocks + block) * <usize>N + <usize>n0) << 3);
                let row = to + (<usize>(ty * width + tx) * <usize>N + <usize>n0) * targetRow + slice * targetSlice;
                Rows.add<T, A>(scratch, word, row, targetRow, n, kind);
              }
            }
          }
        }
      }
    }
  }
}

/** Forward pass: y i16 = exact integers, |y| <= cin * kh * kw <= 32,767. Items: ceil(cout / chunk) * G * ceil(OH / 8). */
export function conv2d_b1b1_i16(scratch: usize, x: usize, w: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  scatter<i8, i16>(scratch, x, 0, w, y, changetype<ConvShape>(shape), false, 1, 1, begin, end);
}

/** Forward pass of activations |x| <= qmax <= 16: exact while |y| <= qmax * cin * kh * kw <= 32,767. Items as for ±1. */
export function conv2d_i8b1_i16(scratch: usize, x: usize, w: usize, y: usize, shape: usize, qmax: i32, begin: i32, end: i32): void {
  scatter<i8, i16>(scratch, x, 0, w, y, changetype<ConvShape>(shape), false, 1, qmax, begin, end);
}

/** Forward pass of real activations, y f32 [G][OH][OW][cout][64]. Items: ceil(cout / chunk) * G * ceil(OH / 8). */
export function conv2d_f32b1_f32(scratch: usize, x: usize, w: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  scatter<f32, f32>(scratch, x, 0, w, y, changetype<ConvShape>(shape), false, 1, 0, begin, end);
}

/**
 * Input gradient, |dy| <= qmax <= 16 (6 and less: whole sums, faster), dx in i16 with saturating adds: the common scale of an image stays. Exact while
 * kh * kw * cout * qmax <= 32,755. Items: ceil(cin / chunk) * G * ceil(H / 8).
 */
export function conv2d_i8b1_i16_dx(
  scratch: usize,
  dy: usize,
  argmax: usize,
  wT: usize,
  dx: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  scatter<i8, i16>(scratch, dy, argmax, wT, dx, changetype<ConvShape>(shape), true, pool, qmax, begin, end);
}

/** Input gradient, |dy| <= qmax <= 511, dx in i16 with saturating adds. Items as for i8. */
export function conv2d_i16b1_i16_dx(
  scratch: usize,
  dy: usize,
  argmax: usize,
  wT: usize,
  dx: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  scatter<i16, i16>(scratch, dy, argmax, wT, dx, changetype<ConvShape>(shape), true, pool, qmax, begin, end);
}

/** Input gradient in f32; qmax has no meaning. Items as for i8. */
export function conv2d_f32b1_f32_dx(
  scratch: usize,
  dy: usize,
  argmax: usize,
  wT: usize,
  dx: usize,
  shape: usize,
  pool: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  scatter<f32, f32>(scratch, dy, argmax, wT, dx, changetype<ConvShape>(shape), true, pool, qmax, begin, end);
}
