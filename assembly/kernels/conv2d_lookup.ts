// Binary convolutions and linear layers on 64 images at a time: forward pass, input gradient and weight gradient.
//
//   y[o]  = sum over taps k of w[k] x[i]        i = o * stride - padding + k, taps outside the map are skipped
//   dx[i] = sum over taps k of w[k]^T dy[o]
//   dw[k] = sum over positions o of dy[o] x[i]^T
//
// Batch-minor layout: an activation tensor is [G][H][W][C][64 images]. Lanes are images, so a border is a skipped tap and any
// kernel size, stride and padding is the same loop. A linear layer is a 1x1 convolution of a 1x1 map.
//
//   x    i8 ±1 (0 for images that do not count)            w     u64 [tap][ceil(cin / 64)][cout], bits along cin
//   y    i16                                               wT    u64 [tap][ceil(cout / 64)][cin], bits along cout
//   dy   T [G][OH][OW][cout][64], T = i16 or f32           bits  u64 [G][H][W][cin], bits along the 64 images
//   dyT  T [tile][G][OH][OW][64 images][L], L = 64 / sizeof<T>() output channels per tile, spare lanes 0
//   dx   T; i16 saturates                                  dw    f32 or i32 [ceil(cout / 32)][tap][cin][32], spare lanes hold 0: they are set to 0, or not written
//
// Work items never share a row of the result, and the order of f32 sums does not depend on how items are split.

import { ROWS_FOR_FIVE, rowsSame, rowsWide, rowsWide4, Table } from './lookup';

/** Rows of the map and channels of the result in one work item. Tables are rebuilt per chunk: chunks of 128 channels cost nothing, 64 rows 7 %. */
export const BAND: i32 = 8;
export const CHUNK: i32 = 128;

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

abstract class Rows {
  /** Adds the tables at t to n rows of A at y. */
  @inline static add<T, A>(t: usize, word: usize, y: usize, stride: usize, n: i32, nibble: bool): void {
    if (sizeof<T>() == sizeof<A>()) rowsSame<T>(t, word, y, stride, n);
    else if (nibble) rowsWide4<T>(t, word, y, stride, n);
    else rowsWide<T>(t, word, y, stride, n);
  }
}

/**
 * Adds w[tap] * source[p] to every target position that a tap connects with p. Forward: from x to y. Backward: from dy to dx.
 * Item = ((chunk of target channels) * groups + group) * bands + band of target rows.
 */
function scatter<T, A>(
  scratch: usize,
  source: usize,
  words: usize,
  target: usize,
  shape: ConvShape,
  backward: bool,
  begin: i32,
  end: i32,
): void {
  const sourceHeight = backward ? shape.outHeight : shape.height;
  const sourceWidth = backward ? shape.outWidth : shape.width;
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
  const sourceRow: usize = 64 * sizeof<T>();
  const targetRow: usize = 64 * sizeof<A>();
  const slices: usize = sizeof<T>(); // the 64 images of a term are 1, 2 or 4 vectors of 64 bytes
  const targetSlice: usize = (64 / sizeof<T>()) * sizeof<A>();
  for (let item = begin; item < end; item++) {
    const band = item % bands;
    const group = (item / bands) % shape.groups;
    const n0 = (item / bands / shape.groups) * CHUNK;
    const n = min(CHUNK, N - n0);
    const top = band * BAND;
    const bottom = min(height, top + BAND);
    // Sums in T alone (f32, saturating i16) have one order, so the cut into groups is fixed for them.
    const nibble = sizeof<T>() != sizeof<A>() && (n * kh * kw) / (backward ? 1 : stride * stride) < ROWS_FOR_FIVE;
    const from = source + <usize>group * <usize>(sourceHeight * sourceWidth) * <usize>K * sourceRow;
    const to = target + <usize>group * <usize>(height * width) * <usize>N * targetRow;
    for (let p = top * width; p < bottom * width; p++)
      memory.fill(to + (<usize>p * <usize>N + <usize>n0) * targetRow, 0, <usize>n * targetRow);
    for (let py = 0; py < sourceHeight; py++) {
      if (!Taps.any(py, kh, stride, padding, backward, top, bottom)) continue;
      for (let px = 0; px < sourceWidth; px++) {
        if (!Taps.any(px, kw, stride, padding, backward, 0, width)) continue;
        for (let block = 0; block < blocks; block++) {
          for (let slice: usize = 0; slice < slices; slice++) {
            let terms = from + (<usize>(py * sourceWidth + px) * <usize>K + <usize>(block << 6)) * sourceRow + (slice << 6);
            Table.build<T>(scratch, terms, sourceRow, min(64, K - (block << 6)), nibble);
            for (let ky = 0; ky < kh; ky++) {
              let ty = Taps.target(py, ky, stride, padding, backward);
              if (ty < top || ty >= bottom) continue;
              for (let kx = 0; kx < kw; kx++) {
                let tx = Taps.target(px, kx, stride, padding, backward);
                if (tx < 0 || tx >= width) continue;
                let word = words + ((<usize>((ky * kw + kx) * blocks + block) * <usize>N + <usize>n0) << 3);
                let row = to + (<usize>(ty * width + tx) * <usize>N + <usize>n0) * targetRow + slice * targetSlice;
                Rows.add<T, A>(scratch, word, row, targetRow, n, nibble);
              }
            }
          }
        }
      }
    }
  }
}

/** Forward pass: y i16 = exact integers, |y| <= cin * kh * kw <= 32,767. Items: ceil(cout / 128) * G * ceil(OH / 8). */
export function conv2d_b1b1_i16(scratch: usize, x: usize, w: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  scatter<i8, i16>(scratch, x, w, y, changetype<ConvShape>(shape), false, begin, end);
}

/** Input gradient, |dy| <= 511, dx in i16 with saturating adds: the common scale of an image stays. Items: ceil(cin / 128) * G * ceil(H / 8). */
export function conv2d_i16b1_i16_dx(scratch: usize, dy: usize, wT: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  scatter<i16, i16>(scratch, dy, wT, dx, changetype<ConvShape>(shape), true, begin, end);
}

/** Input gradient in f32. Items as for i16. */
export function conv2d_f32b1_f32_dx(scratch: usize, dy: usize, wT: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  scatter<f32, f32>(scratch, dy, wT, dx, changetype<ConvShape>(shape), true, begin, end);
}

/** Item = (chunk of input channels) * tiles + tile of output channels. */
function weightGradient<T, A>(scratch: usize, dyT: usize, bits: usize, dw: usize, shape: ConvShape, begin: i32, end: i32): void {
  const lanes: i32 = 64 / sizeof<T>();
  const cin = shape.cin;
  const kh = shape.kernelHeight;
  const kw = shape.kernelWidth;
  const width = shape.width;
  const height = shape.height;
  const positions = shape.outHeight * shape.outWidth;
  const tiles = (shape.cout + lanes - 1) / lanes;
  const rowBytes: usize = 128; // 32 lanes of 4 bytes
  const tapBytes = <usize>cin * rowBytes;
  for (let item = begin; item < end; item++) {
    const tile = item % tiles;
    const n0 = (item / tiles) * CHUNK;
    const n = min(CHUNK, cin - n0);
    const first = tile * lanes; // output channel of the first lane
    const out = dw + <usize>(first >> 5) * <usize>(kh * kw) * tapBytes + <usize>n0 * rowBytes + ((<usize>(first & 31)) << 2);
    for (let tap: usize = 0; tap < <usize>(kh * kw); tap++) {
      for (let row = out + tap * tapBytes, stop = row + <usize>n * rowBytes; row < stop; row += rowBytes)
        memory.fill(row, 0, (<usize>lanes) << 2);
    }
    for (let group = 0; group < shape.groups; group++) {
      let terms = dyT + ((<usize>(tile * shape.groups + group) * <usize>positions) << 12); // 64 images * 64 bytes
      const words = bits + ((<usize>group * <usize>(height * width) * <usize>cin) << 3);
      for (let py = 0; py < shape.outHeight; py++) {
        for (let px = 0; px < shape.outWidth; px++, terms += 4096) {
          Table.build<T>(scratch, terms, 64, 64, false);
          for (let ky = 0; ky < kh; ky++) {
            let iy = py * shape.stride - shape.padding + ky;
            if (iy < 0 || iy >= height) continue;
            for (let kx = 0; kx < kw; kx++) {
              let ix = px * shape.stride - shape.padding + kx;
              if (ix < 0 || ix >= width) continue;
              let word = words + ((<usize>(iy * width + ix) * <usize>cin + <usize>n0) << 3);
              Rows.add<T, A>(scratch, word, out + <usize>(ky * kw + kx) * tapBytes, rowBytes, n, false);
            }
          }
        }
      }
    }
  }
}

/** Weight gradient, |dy| <= 511, i32: exact while OH * OW * G <= 65,665. Items: ceil(cin / 128) * ceil(cout / 32). */
export function conv2d_i16b1_i32_dw(scratch: usize, dyT: usize, bits: usize, dw: usize, shape: usize, begin: i32, end: i32): void {
  weightGradient<i16, i32>(scratch, dyT, bits, dw, changetype<ConvShape>(shape), begin, end);
}

/** Weight gradient in f32: positions in order, so one sum has one order. Items: ceil(cin / 128) * ceil(cout / 16). */
export function conv2d_f32b1_f32_dw(scratch: usize, dyT: usize, bits: usize, dw: usize, shape: usize, begin: i32, end: i32): void {
  weightGradient<f32, f32>(scratch, dyT, bits, dw, changetype<ConvShape>(shape), begin, end);
}
