// Moments of the patches of a shallow f32 product: what batch norm wants to know of y = w x + b, without a pass over y.
//
//   M[k][l] = sum over positions and images of patch[k] patch[l],  M[K][l] = sum of patch[l]     patch: rows of x under the window (product_f32)
//   R[c][l] = sum of y[c] patch[l] = sum over k of w[c][k] M[k][l] + b[c] M[K][l]
//   sum y[c] = sum over k of w[c][k] M[K][k] + b[c] N,    sum y[c]^2 = sum over k of w[c][k] R[c][k] + b[c] sum y[c]
//
// The statistics follow before y is computed, so that its signs can be taken while it is in the cache. In the backward pass batch norm's
// dy = k1 du + k2 y + k3 gives dw[c] = k1 sum of du patch + k2 R[c] + k3 M[K]: du alone is multiplied, in the pass that sums it up.
//
// M has K^2 / 2 numbers to C K of the product: it pays while K is well below C. y is taken before rounding; images that do not count must be 0.

import { Wide } from '../lib/wide';
import { ConvShape } from './conv2d_lookup';
import { Patch, SEGMENT, Tile } from './product_f32';

/** Rows of maps in a work item. */
const BAND: i32 = 8;
/** Rows of a patch, the one of ones and spare ones included: 36 x 256 bytes for each position of a segment. */
const ROWS: i32 = 36;
/** Output channels in a work item of a product with M. */
const TILE: i32 = 16;

/**
 * M of a band of rows, parts f64 [bands][K + 1][K], K <= 32. In f64 from output row to output row; within one, four sums over images n mod 4,
 * in f32. Item = band of 8 of the G * OH rows.
 * Scratch: patches of a segment, their addresses, sums of an output row, M.
 */
export function patch_moments_f32(scratch: usize, x: usize, parts: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const n = (K + 4) & ~3; // rows of a patch and one of ones, in whole tiles
  const patches = scratch;
  const addresses = patches + SEGMENT * ROWS * 256;
  const table = addresses + SEGMENT * 4;
  const sums = table + SEGMENT * ROWS * 4;
  const moments = sums + ((ROWS * (ROWS + 4)) / 2) * 16;
  const rows = s.groups * s.outHeight;
  for (let j: usize = 0; j < <usize>SEGMENT; j++) {
    const patch = patches + j * (ROWS * 256);
    for (let k: usize = 0; k < <usize>ROWS; k++) store<u32>(table + ((j * ROWS + k) << 2), <u32>(patch + (k << 8)));
    memory.fill(patch + ((<usize>K) << 8), 0, (<usize>(ROWS - K)) << 8);
    for (let i: usize = 0; i < 256; i += 4) store<f32>(patch + ((<usize>K) << 8) + i, 1);
  }
  for (let item = begin; item < end; item++) {
    memory.fill(moments, 0, <usize>(n * n * 8));
    for (let r = item * BAND; r < min(rows, item * BAND + BAND); r++) {
      const group = r / s.outHeight;
      const from = x + ((<usize>(group * s.height * s.width) * <usize>s.cin) << 8);
      for (let ox = 0; ox < s.outWidth; ox += SEGMENT) {
        const positions = min(SEGMENT, s.outWidth - ox);
        for (let j = 0; j < positions; j++) Patch.copyRows(patches + <usize>(j * ROWS * 256), from, s, r - group * s.outHeight, ox + j);
        // Four rows times themselves and those behind them.
        for (let m = 0, to = sums; m < n; to += <usize>((n - m) << 6), m += 4) {
          for (let j = 0; j < positions; j++) store<u32>(addresses + ((<usize>j) << 2), <u32>(patches + <usize>((j * ROWS + m) << 8)));
          Tile.dot(addresses, table + ((<usize>m) << 2), ROWS * 4, to, 4, n - m, positions, ox == 0);
        }
      }
      for (let m = 0, from = sums; m < n; from += <usize>((n - m) << 6), m += 4) {
        for (let l = m; l < n; l++) {
          let sum = from + ((<usize>((l - m) >> 1)) << 7) + ((<usize>((l - m) & 1)) << 4);
          for (let i = m; i < m + 4; i++, sum += 32) {
            const total = moments + ((<usize>(i * n + l)) << 3);
            const lanes = Wide.sum(v128.load(sum));
            store<f64>(total, load<f64>(total) + (f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1)));
          }
        }
      }
    }
    let out = parts + <usize>(item * (K + 1) * K) * 8;
    for (let k = 0; k <= K; k++) {
      for (let l = 0; l < K; l++, out += 8) store<f64>(out, load<f64>(moments + ((<usize>(l < k ? l * n + k : k * n + l)) << 3)));
    }
  }
}

/**
 * R = w M + b M[K], products f64 [C + 1][K] with M[K] in its last row, and statistics f64 [C][4] of y = sum, sum of squares, 0, 0. count: N, values of y
 * of a channel that count. bias 0: none. Item = tile of 16 output channels.
 */
export function patch_moments_y(
  scratch: usize,
  parts: usize,
  w: usize,
  bias: usize,
  products: usize,
  statistics: usize,
  count: f64,
  bands: i32,
  K: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const row = (<usize>K) << 3;
  const bytes = <usize>(K + 1) * row;
  const last = scratch + <usize>K * row;
  memory.copy(scratch, parts, bytes);
  for (let band = 1; band < bands; band++) {
    parts += bytes;
    for (let i: usize = 0; i < bytes; i += 8) store<f64>(scratch + i, load<f64>(scratch + i) + load<f64>(parts + i));
  }
  for (let c = begin * TILE; c < min(channels, end * TILE); c++) {
    const weights = w + ((<usize>(c * K)) << 2);
    const out = products + <usize>c * row;
    const b = bias != 0 ? <f64>load<f32>(bias + ((<usize>c) << 2)) : 0;
    let sum = b * count;
    let squares: f64 = 0;
    for (let l: usize = 0; l < <usize>K; l++) {
      let product = b * load<f64>(last + (l << 3));
      for (let k: usize = 0; k < <usize>K; k++) product += <f64>load<f32>(weights + (k << 2)) * load<f64>(scratch + k * row + (l << 3));
      store<f64>(out + (l << 3), product);
      const weight = <f64>load<f32>(weights + (l << 2));
      sum += weight * load<f64>(last + (l << 3));
      squares += weight * product;
    }
    const to = statistics + ((<usize>c) << 5);
    store<f64>(to, sum);
    store<f64>(to, squares + b * sum, 8);
    store<f64>(to, 0, 16);
    store<f64>(to, 0, 24);
  }
  if (end * TILE >= channels) memory.copy(products + <usize>channels * row, last, row);
}

/**
 * dw f32 [C][K] from the sums of parts f32 [bands][C][K], in order of the bands, in f64: as they are, or with `parameters` (lib/block) as k1 times them, plus
 * k2 R + k3 M[K] with `products`. 0: none. Item = tile of 16 output channels.
 */
export function patch_moments_dw(
  scratch: usize,
  parts: usize,
  parameters: usize,
  products: usize,
  dw: usize,
  bands: i32,
  K: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const last = products + ((<usize>(channels * K)) << 3);
  for (let c = begin * TILE; c < min(channels, end * TILE); c++) {
    const q = parameters + ((<usize>c) << 6);
    for (let k = 0; k < K; k++) {
      const i = <usize>(c * K + k);
      let sum: f64 = 0;
      for (let p = parts + (i << 2), band = 0; band < bands; band++, p += (<usize>(channels * K)) << 2) sum += <f64>load<f32>(p);
      if (parameters != 0) sum *= <f64>load<f32>(q, 24);
      if (products != 0)
        sum += <f64>load<f32>(q, 28) * load<f64>(products + (i << 3)) + <f64>load<f32>(q, 32) * load<f64>(last + ((<usize>k) << 3));
      store<f32>(dw + (i << 2), <f32>sum);
    }
  }
}
