// Momentum whose update is normalised per output filter:
//
//   v <- momentum v + g;  u = g + momentum v;  w <- shrink w - rate rms u / rms(u)          rms(u) over the filter's weights
//
// g = scale * gradient (VISPA scales the gradient of its factor by the draw). Arrays: f32 [tile][rows][32], 32 filters to a tile,
// rows = taps * cin. Squares of 64 rows are summed in f32, such sums in f64: rms(u) is within 33 * 2^-24 of its value. A filter with too
// small a u (lib/momentum), so also a spare lane, stays as it is. Item: a tile. The second pass computes u once more: no workspace.

import { Momentum, SMALLEST } from '../lib/momentum';
import { Wide } from '../lib/wide';

const ROW: usize = 128;
/** Rows whose squares are summed in f32: 8 KiB. */
const CHUNK: usize = 64 * ROW;
/** Scratch: sums of squares f64 [32], then the filters' steps f32 [32]. */
const STEPS: usize = 256;

abstract class Filters {
  @inline static square(sum: v128, u: v128): v128 {
    return f32x4.add(sum, f32x4.mul(u, u));
  }

  /** w <- keep w - step u, four weights. */
  @inline static move(w: usize, gradient: usize, v: usize, scale: v128, momentum: v128, keep: v128, step: v128): void {
    let u = Momentum.read(gradient, v, scale, momentum);
    v128.store(w, f32x4.sub(f32x4.mul(keep, v128.load(w)), f32x4.mul(step, u)));
  }
}

export function update_nsgd(
  scratch: usize,
  w: usize,
  gradient: usize,
  v: usize,
  rows: i32,
  scale: f32,
  shrink: f32,
  momentum: f32,
  rate: f32,
  rms: f32,
  begin: i32,
  end: i32,
): void {
  const gScale = f32x4.splat(scale);
  const beta = f32x4.splat(momentum);
  const keep = f32x4.splat(shrink);
  const bytes = <usize>rows * ROW;
  for (let item = begin; item < end; item++) {
    const from = <usize>item * bytes;
    const to = from + bytes;
    memory.fill(scratch, 0, STEPS);
    for (let chunk = from; chunk < to; chunk += CHUNK) {
      let s0 = f32x4.splat(0),
        s1 = s0,
        s2 = s0,
        s3 = s0,
        s4 = s0,
        s5 = s0,
        s6 = s0,
        s7 = s0;
      for (let i = chunk, stop = min(to, chunk + CHUNK); i < stop; i += ROW) {
        let g = gradient + i,
          p = v + i;
        s0 = Filters.square(s0, Momentum.update(g, p, gScale, beta));
        s1 = Filters.square(s1, Momentum.update(g + 16, p + 16, gScale, beta));
        s2 = Filters.square(s2, Momentum.update(g + 32, p + 32, gScale, beta));
        s3 = Filters.square(s3, Momentum.update(g + 48, p + 48, gScale, beta));
        s4 = Filters.square(s4, Momentum.update(g + 64, p + 64, gScale, beta));
        s5 = Filters.square(s5, Momentum.update(g + 80, p + 80, gScale, beta));
        s6 = Filters.square(s6, Momentum.update(g + 96, p + 96, gScale, beta));
        s7 = Filters.square(s7, Momentum.update(g + 112, p + 112, gScale, beta));
      }
      Wide.add(scratch, s0);
      Wide.add(scratch + 32, s1);
      Wide.add(scratch + 64, s2);
      Wide.add(scratch + 96, s3);
      Wide.add(scratch + 128, s4);
      Wide.add(scratch + 160, s5);
      Wide.add(scratch + 192, s6);
      Wide.add(scratch + 224, s7);
    }
    for (let lane: usize = 0; lane < 32; lane++) {
      const mean = load<f64>(scratch + (lane << 3)) / <f64>rows;
      // sqrt(mean) / mean instead of 1 / sqrt(mean): sums beyond f32 become NaN, not 0.
      const step = mean < SMALLEST ? 0 : (<f64>rate * <f64>rms * sqrt(mean)) / mean;
      store<f32>(scratch + STEPS + (lane << 2), <f32>step);
    }
    for (let i = from; i < to; i += ROW) {
      for (let lane: usize = 0; lane < ROW; lane += 16) {
        const o = i + lane;
        Filters.move(w + o, gradient + o, v + o, gScale, beta, keep, v128.load(scratch + STEPS + lane));
      }
    }
  }
}
