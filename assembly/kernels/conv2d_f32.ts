// Float convolutions and linear layers on 64 images at a time: the first and the last layer of a binary network.
//
//   y[o][c]    = sum over taps k and input channels i of w[c][k][i] x[o * stride - padding + k][i] + bias[c]
//   dx[p][i]   = sum over taps k and output channels c of w[c][k][i] dy[o][c]
//   dw[c][k][i] = sum over positions o and images of dy[o][c] x[...][i]
//
// x, y, dx, dy f32 [G][H][W][C][64 images]; w, dw f32 [cout][kh][kw][cin]. Lanes are images. A forward sum runs over (ky, kx, ci) in this
// order, one addition after the other, then the bias: inference adds in the same order, so both give the same bits.
// Rows of maps are counted through all groups.

import { Sign } from '../lib/sign';
import { Statistics } from '../lib/statistics';
import { ConvShape } from './conv2d_lookup';
import { DEPTH, Patch, SEGMENT, Tile } from './product_f32';

/** Rows of maps and channels of the result in a work item. */
const BAND: i32 = 8;
const CHUNK: i32 = 64;
/** Positions that packed weights serve, at least: whole rows of a map, so that small maps take several rows, of several groups. */
const POSITIONS: i32 = 16;
/** Output channels and weights of a filter in a work item of a weight gradient. */
const TILE: i32 = 16;
const WEIGHTS: i32 = 128;

/**
 * y = w x + bias, bias 0: none, and what `statistics` or `thresholds` ask for (0: nothing) of rows that are still in the cache.
 * Item = (chunk of 64 output channels) * bands + band of 8 of the G * OH rows.
 * Scratch: packed weights, panels of the patch, statistics.
 */
function forward(
  scratch: usize,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  statistics: usize,
  thresholds: usize,
  mask: usize,
  planes: usize,
  words: usize,
  s: ConvShape,
  begin: i32,
  end: i32,
): void {
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const rows = s.groups * s.outHeight;
  const bands = (rows + BAND - 1) / BAND;
  const lines = max(1, POSITIONS / s.outWidth);
  const panels = scratch + DEPTH * CHUNK * 4;
  const sums = panels + DEPTH * 256;
  for (let item = begin; item < end; item++) {
    const band = item % bands;
    const top = band * BAND;
    const bottom = min(rows, top + BAND);
    const c0 = (item / bands) * CHUNK;
    const n = min(CHUNK, s.cout - c0);
    if (statistics != 0) Statistics.clear(sums, n);
    for (let r0 = top; r0 < bottom; r0 += lines) {
      for (let k0 = 0; k0 < K; k0 += DEPTH) {
        const count = min(DEPTH, K - k0);
        const last = k0 + count == K;
        const b = bias != 0 && last ? bias + ((<usize>c0) << 2) : 0;
        if (K > DEPTH || r0 == top) Tile.packFilters(scratch, w + ((<usize>c0 * <usize>K + <usize>k0) << 2), (<usize>K) << 2, n, count);
        for (let r = r0; r < min(bottom, r0 + lines); r++) {
          const group = r / s.outHeight;
          const oy = r - group * s.outHeight;
          const from = x + ((<usize>(group * s.height * s.width) * <usize>s.cin) << 8);
          for (let ox = 0; ox < s.outWidth; ox++) {
            const o = <usize>(r * s.outWidth + ox) * <usize>s.cout + <usize>c0;
            Patch.panels(panels, from, s, oy, ox, k0, count);
            Tile.add(scratch, panels, b, y + (o << 8), n, count, k0 == 0);
            if (!last) continue;
            if (statistics != 0) Statistics.add(sums, y + (o << 8), mask + ((<usize>group) << 8), n);
            if (thresholds == 0) continue;
            for (let c: usize = 0; c < <usize>n; c++) {
              const t = thresholds + ((<usize>c0 + c) << 3);
              Sign.row(y + ((o + c) << 8), t, mask + ((<usize>group) << 6), planes + ((o + c) << 6), words + ((o + c) << 3));
            }
          }
        }
      }
    }
    if (statistics != 0) Statistics.write(sums, statistics + ((<usize>(band * s.cout + c0)) << 5), n);
  }
}

/**
 * y = w x + bias. bias 0: none. statistics f64 [bands][cout][4] of y, or 0 (none): sum, sum of squares, minimum and maximum of each band;
 * images that do not count (mask u32 [G][64] with all bits 0) are 0 there. Items: ceil(cout / 64) * ceil(G * OH / 8).
 */
export function conv2d_f32f32_f32(
  scratch: usize,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  statistics: usize,
  mask: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  forward(scratch, x, w, bias, y, statistics, 0, mask, 0, 0, changetype<ConvShape>(shape), begin, end);
}

/** The same, and the signs of y as in threshold_f32_b1, with its thresholds, mask, planes and words. */
export function conv2d_f32f32_b1(
  scratch: usize,
  x: usize,
  w: usize,
  bias: usize,
  y: usize,
  planes: usize,
  words: usize,
  thresholds: usize,
  mask: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  forward(scratch, x, w, bias, y, 0, thresholds, mask, planes, words, changetype<ConvShape>(shape), begin, end);
}

/**
 * dx = w^T dy, over taps and output channels in order. Item = (chunk of 64 input channels) * bands + band of 8 of the G * H rows.
 * Scratch as for the forward pass.
 */
export function conv2d_f32f32_f32_dx(scratch: usize, dy: usize, w: usize, dx: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const filter = (<usize>(s.kernelHeight * s.kernelWidth * s.cin)) << 2;
  const rows = s.groups * s.height;
  const bands = (rows + BAND - 1) / BAND;
  const lines = max(1, POSITIONS / s.width);
  const one = s.kernelHeight * s.kernelWidth == 1 && s.stride == 1 && s.padding == 0; // every position has its only tap
  const panels = scratch + DEPTH * CHUNK * 4;
  for (let item = begin; item < end; item++) {
    const top = (item % bands) * BAND;
    const bottom = min(rows, top + BAND);
    const i0 = (item / bands) * CHUNK;
    const n = min(CHUNK, s.cin - i0);
    const to = dx + ((<usize>i0) << 8);
    if (!one) for (let p = top * s.width; p < bottom * s.width; p++) memory.fill(to + ((<usize>p * <usize>s.cin) << 8), 0, (<usize>n) << 8);
    for (let r0 = top; r0 < bottom; r0 += lines) {
      for (let tap = 0; tap < s.kernelHeight * s.kernelWidth; tap++) {
        const ky = tap / s.kernelWidth;
        const kx = tap - ky * s.kernelWidth;
        for (let c0 = 0; c0 < s.cout; c0 += DEPTH) {
          const count = min(DEPTH, s.cout - c0);
          const bytes = (<usize>count) << 5;
          Tile.packColumns(scratch, w + <usize>c0 * filter + ((<usize>(tap * s.cin + i0)) << 2), filter, n, count);
          for (let r = r0; r < min(bottom, r0 + lines); r++) {
            const group = r / s.height;
            const y = r - group * s.height + s.padding - ky;
            if (y < 0 || y % s.stride != 0 || y / s.stride >= s.outHeight) continue;
            const from = dy + ((<usize>((group * s.outHeight + y / s.stride) * s.outWidth) * <usize>s.cout + <usize>c0) << 8);
            for (let ix = 0; ix < s.width; ix++) {
              const x = ix + s.padding - kx;
              if (x < 0 || x % s.stride != 0 || x / s.stride >= s.outWidth) continue;
              Patch.copy(panels, panels + bytes, bytes, from + ((<usize>(x / s.stride) * <usize>s.cout) << 8));
              Tile.add(scratch, panels, 0, to + ((<usize>(r * s.width + ix) * <usize>s.cin) << 8), n, count, one && c0 == 0);
            }
          }
        }
      }
    }
  }
}

/**
 * dw = dy x^T: four sums over images 0 ... 3 (mod 4), each over groups, positions and images in order, added as (0 + 1) + (2 + 3).
 * Item = (tile of 16 output channels) * chunks + chunk of 128 weights of a filter. Up to 3 rows behind the last one of dy are read, not used.
 * Scratch: sums, addresses of rows, a row of zeros.
 */
export function conv2d_f32f32_f32_dw(scratch: usize, dy: usize, x: usize, dw: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const chunks = (K + WEIGHTS - 1) / WEIGHTS;
  const positions = s.groups * s.outHeight * s.outWidth;
  const map = (<usize>(s.height * s.width) * <usize>s.cin) << 8;
  const patch = scratch + TILE * WEIGHTS * 16;
  const rows = patch + SEGMENT * WEIGHTS * 4;
  const zero = rows + SEGMENT * 4;
  memory.fill(zero, 0, 256);
  for (let item = begin; item < end; item++) {
    const k0 = (item % chunks) * WEIGHTS;
    const c0 = (item / chunks) * TILE;
    const count = min(WEIGHTS, K - k0);
    const n = min(TILE, s.cout - c0);
    let from = x;
    let oy = 0;
    let ox = 0;
    for (let p = 0; p < positions; p += SEGMENT) {
      const end = min(SEGMENT, positions - p);
      for (let j = 0; j < end; j++) {
        store<u32>(rows + ((<usize>j) << 2), <u32>(dy + ((<usize>(p + j) * <usize>s.cout + <usize>c0) << 8)));
        Patch.rows(patch + <usize>(j * WEIGHTS * 4), from, zero, s, oy, ox, k0, count);
        if (++ox == s.outWidth) {
          ox = 0;
          if (++oy == s.outHeight) {
            oy = 0;
            from += map;
          }
        }
      }
      Tile.dot(rows, patch, WEIGHTS * 4, scratch, n, count, end, p == 0);
    }
    Tile.writeSums(scratch, dw + ((<usize>c0 * <usize>K + <usize>k0) << 2), (<usize>K) << 2, n, count);
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
