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
//   dy   T [G][OH][OW][cout][64], T = i8, i16 or f32       bits  u64 [G][H][W][cin], bits along the 64 images
//   dyT  T [tile][G][OH][OW][64 images][L], L = 64 / sizeof<T>() output channels per tile, spare lanes 0
//   dx   i16, saturating, or f32                           dw    f32 or i32 [ceil(cout / 32)][tap][cin][32], spare lanes hold 0: they are set to 0, or not written
//
// Work items never share a row of the result, and the order of f32 sums does not depend on how items are split.

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
  SCRATCH_FREE,
  SIGNS,
  Table,
} from './lookup';

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
 * Item = ((chunk of target channels) * groups + group) * bands + band of target rows.
 */
function scatter<T, A>(
  scratch: usize,
  source: usize,
  words: usize,
  target: usize,
  shape: ConvShape,
  backward: bool,
  qmax: i32,
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
    let kind = OVER_5;
    if (sizeof<T>() == 1) {
      if (qmax > MAX_WHOLE) kind = HALVES;
      else if (qmax == 1) kind = (n * kh * kw) / (stride * stride) < ROWS_FOR_FIVE ? OVER_4 : SIGNS;
    }
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
            Table.build<T>(scratch, terms, sourceRow, min(64, K - (block << 6)), kind);
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

/** Forward pass: y i16 = exact integers, |y| <= cin * kh * kw <= 32,767. Items: ceil(cout / 128) * G * ceil(OH / 8). */
export function conv2d_b1b1_i16(scratch: usize, x: usize, w: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  scatter<i8, i16>(scratch, x, w, y, changetype<ConvShape>(shape), false, 1, begin, end);
}

/**
 * Input gradient, |dy| <= qmax <= 16 (6 and less: whole sums, faster), dx in i16 with saturating adds: the common scale of an image stays. Exact while
 * kh * kw * cout * qmax <= 32,755. Items: ceil(cin / 128) * G * ceil(H / 8).
 */
export function conv2d_i8b1_i16_dx(scratch: usize, dy: usize, wT: usize, dx: usize, shape: usize, qmax: i32, begin: i32, end: i32): void {
  scatter<i8, i16>(scratch, dy, wT, dx, changetype<ConvShape>(shape), true, qmax, begin, end);
}

/** Input gradient, |dy| <= 511, dx in i16 with saturating adds. Items as for i8. */
export function conv2d_i16b1_i16_dx(scratch: usize, dy: usize, wT: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  scatter<i16, i16>(scratch, dy, wT, dx, changetype<ConvShape>(shape), true, 511, begin, end);
}

/** Input gradient in f32. Items as for i8. */
export function conv2d_f32b1_f32_dx(scratch: usize, dy: usize, wT: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  scatter<f32, f32>(scratch, dy, wT, dx, changetype<ConvShape>(shape), true, 0, begin, end);
}

/** Sums that the scratch memory holds behind the tables: rows of 64 lanes of i16, nine taps of a chunk. */
const SUM_ROWS: i32 = 9 * CHUNK;

/**
 * Adds sums i16 [taps][n][64 lanes] to dw, i32 rows of 32 lanes: half h of the lanes to the rows at dw + h * tileBytes, taps `tapBytes` apart. Clears
 * the sums.
 */
function widen(sums: usize, dw: usize, halves: usize, tileBytes: usize, taps: usize, tapBytes: usize, n: usize): void {
  for (let half: usize = 0; half < halves; half++) {
    for (let tap: usize = 0; tap < taps; tap++) {
      let s = sums + ((tap * n) << 7) + (half << 6);
      let row = dw + half * tileBytes + tap * tapBytes;
      for (let end = row + (n << 7); row < end; row += 128, s += 128) {
        for (let v: usize = 0; v < 64; v += 16) {
          let sum = v128.load(s + v);
          let o = row + 2 * v;
          v128.store(o, i32x4.add(v128.load(o), i32x4.extend_low_i16x8_s(sum)));
          v128.store(o, i32x4.add(v128.load(o, 16), i32x4.extend_high_i16x8_s(sum)), 16);
        }
      }
    }
  }
  memory.fill(sums, 0, (taps * n) << 7);
}

/**
 * Weight gradient, |dy| <= qmax <= 16, i32: exact while OH * OW * G * 64 * qmax < 2^31. Sums run in i16 for as many positions as fit (34 of ±15,
 * 85 of ±6) and are then widened. A pass takes the channels and rows of the kernel that the scratch memory has room for: all, up to nine taps.
 * Items: ceil(cin / 128) * ceil(cout / 64).
 */
export function conv2d_i8b1_i32_dw(
  scratch: usize,
  dyT: usize,
  bits: usize,
  dw: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<ConvShape>(shape);
  const cin = s.cin;
  const kw = s.kernelWidth;
  const positions = s.outHeight * s.outWidth;
  const tiles = (s.cout + 63) >> 6;
  const tapBytes = (<usize>cin) << 7;
  const tileBytes = <usize>(s.kernelHeight * kw) * tapBytes; // of 32 output channels
  const kind = qmax > MAX_WHOLE ? HALVES : OVER_5;
  const span = 32767 / (64 * qmax);
  const sums = scratch + SCRATCH_FREE;
  for (let item = begin; item < end; item++) {
    const tile = item % tiles;
    const n0 = (item / tiles) * CHUNK;
    const n1 = min(n0 + CHUNK, cin);
    const out = dw + <usize>(2 * tile) * tileBytes;
    const halves: usize = (tile << 6) + 32 < s.cout ? 2 : 1;
    const channels = min(n1 - n0, SUM_ROWS / kw);
    const kernelRows = SUM_ROWS / (kw * channels);
    for (let c0 = n0; c0 < n1; c0 += channels) {
      const n = min(channels, n1 - c0);
      const sumTap = (<usize>n) << 7;
      for (let k0 = 0; k0 < s.kernelHeight; k0 += kernelRows) {
        const k1 = min(k0 + kernelRows, s.kernelHeight);
        const taps = <usize>((k1 - k0) * kw);
        const first = out + <usize>(k0 * kw) * tapBytes + ((<usize>c0) << 7);
        memory.fill(sums, 0, taps * sumTap);
        for (let half: usize = 0; half < halves; half++)
          for (let tap: usize = 0; tap < taps; tap++) memory.fill(first + half * tileBytes + tap * tapBytes, 0, sumTap);
        let left = span;
        for (let group = 0; group < s.groups; group++) {
          let terms = dyT + ((<usize>(tile * s.groups + group) * <usize>positions) << 12);
          const words = bits + ((<usize>group * <usize>(s.height * s.width) * <usize>cin) << 3);
          for (let py = 0; py < s.outHeight; py++) {
            for (let px = 0; px < s.outWidth; px++, terms += 4096) {
              Table.build<i8>(scratch, terms, 64, 64, kind);
              for (let ky = k0; ky < k1; ky++) {
                let iy = py * s.stride - s.padding + ky;
                if (iy < 0 || iy >= s.height) continue;
                for (let kx = 0; kx < kw; kx++) {
                  let ix = px * s.stride - s.padding + kx;
                  if (ix < 0 || ix >= s.width) continue;
                  let word = words + ((<usize>(iy * s.width + ix) * <usize>cin + <usize>c0) << 3);
                  Rows.add<i8, i16>(scratch, word, sums + <usize>((ky - k0) * kw + kx) * sumTap, 128, n, kind);
                }
              }
              if (--left == 0) {
                widen(sums, first, halves, tileBytes, taps, tapBytes, <usize>n);
                left = span;
              }
            }
          }
        }
        widen(sums, first, halves, tileBytes, taps, tapBytes, <usize>n);
      }
    }
  }
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
          Table.build<T>(scratch, terms, 64, 64, OVER_5);
          for (let ky = 0; ky < kh; ky++) {
            let iy = py * shape.stride - shape.padding + ky;
            if (iy < 0 || iy >= height) continue;
            for (let kx = 0; kx < kw; kx++) {
              let ix = px * shape.stride - shape.padding + kx;
              if (ix < 0 || ix >= width) continue;
              let word = words + ((<usize>(iy * width + ix) * <usize>cin + <usize>n0) << 3);
              Rows.add<T, A>(scratch, word, out + <usize>(ky * kw + kx) * tapBytes, rowBytes, n, OVER_5);
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
