// Statistics of the output filters of latent weights, for methods that centre, scale or rank them. Arrays: f32 [tile][rows][32], 32 filters
// to a tile, rows = taps * cin; a number per filter: [tile][32]. Spare lanes are 0 and give 0. Item: a tile.

import { Wide } from '../lib/wide';

const ROW: usize = 128;
/** Rows that are worked on together: 8 KiB. */
const CHUNK: usize = 64 * ROW;

/**
 * mean f32: the mean of a filter where `center` is not 0, else 0. moments f64 [tile][2][32]: sum of |w - mean|, sum of (w - mean)^2, in f64 from
 * differences and squares in f32.
 */
export function filter_moments(scratch: usize, w: usize, mean: usize, moments: usize, rows: i32, center: i32, begin: i32, end: i32): void {
  const bytes = <usize>rows * ROW;
  for (let item = <usize>begin; item < <usize>end; item++) {
    const from = w + item * bytes;
    const to = from + bytes;
    const means = mean + item * ROW;
    const absolute = moments + (item << 9);
    const squares = absolute + 256;
    memory.fill(means, 0, ROW);
    memory.fill(absolute, 0, 512);
    if (center != 0) {
      for (let chunk = from; chunk < to; chunk += CHUNK) {
        for (let lane: usize = 0, stop = min(to, chunk + CHUNK); lane < ROW; lane += 16) {
          for (let i = chunk + lane; i < stop; i += ROW) Wide.add(absolute + (lane << 1), v128.load(i));
        }
      }
      for (let lane: usize = 0; lane < 32; lane++) store<f32>(means + (lane << 2), <f32>(load<f64>(absolute + (lane << 3)) / <f64>rows));
      memory.fill(absolute, 0, 256);
    }
    for (let chunk = from; chunk < to; chunk += CHUNK) {
      for (let lane: usize = 0, stop = min(to, chunk + CHUNK); lane < ROW; lane += 16) {
        const c = v128.load(means + lane);
        for (let i = chunk + lane; i < stop; i += ROW) {
          const x = f32x4.sub(v128.load(i), c);
          Wide.add(absolute + (lane << 1), f32x4.abs(x));
          Wide.add(squares + (lane << 1), f32x4.mul(x, x));
        }
      }
    }
  }
}

/**
 * threshold f32: the k-th largest |w - center| of a filter, 1 <= k <= rows. The numbers are ordered as their bits are, so the threshold's bits are
 * found from the highest one on.
 */
export function filter_rank(scratch: usize, w: usize, center: usize, threshold: usize, rows: i32, k: i32, begin: i32, end: i32): void {
  const bytes = <usize>rows * ROW;
  const one = i32x4.splat(1);
  const wanted = i32x4.splat(k);
  for (let item = <usize>begin; item < <usize>end; item++) {
    const from = w + item * bytes;
    for (let lane: usize = 0; lane < ROW; lane += 16) {
      const c = v128.load(center + item * ROW + lane);
      let found = i32x4.splat(0);
      for (let bit = 30; bit >= 0; bit--) {
        const candidate = v128.or(found, i32x4.shl(one, bit));
        let count = i32x4.splat(0);
        for (let i = from + lane, stop = from + bytes; i < stop; i += ROW)
          count = i32x4.sub(count, i32x4.ge_s(f32x4.abs(f32x4.sub(v128.load(i), c)), candidate));
        found = v128.bitselect(candidate, found, i32x4.ge_s(count, wanted));
      }
      v128.store(threshold + item * ROW + lane, found);
    }
  }
}
