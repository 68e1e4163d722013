// update_nsgd with latent weights and momentum in 16 bits: 8 bytes of state are read and written per weight instead of 16.
//
//   v <- momentum v + g;  u = g + momentum v;  w <- w - floor(32768 rate rms u / rms(u) + r)     r uniform in [0, 1): unbiased
//
// w: Q15, i16, saturating. v = scale q, q i16, scale f32 per filter: after every step the largest |v| of the filter is 32,767. Arrays are
// [tile][rows][32] as update_nsgd's; scales f32 [tile][32]. noise: f32 [4096 + 32], r of a row begins at a place that depends on tile and
// row alone. A filter with too small a u (lib/momentum) keeps w. Item: a tile.

import { SMALLEST } from '../lib/momentum';
import { Wide } from '../lib/wide';

/** Bytes of a row of i16, and of f32. */
const ROW: usize = 64;
const ROW_F32: usize = 128;
/** Rows whose squares are summed in f32. */
const CHUNK: i32 = 64;
const NOISE_MASK: u32 = 4095;
/** Scratch: sums of squares f64 [32], f32 sums of a chunk [32], largest |v| [32], steps [32], 1 / new scale [32]. */
const SUMS: usize = 256;
const LARGEST: usize = SUMS + 128;
const STEPS: usize = LARGEST + 128;
const INVERSE: usize = STEPS + 128;

abstract class Row {
  /** The new v of four weights, from the lower or upper half of eight q. */
  @inline static velocity(q: v128, scale: v128, gradient: usize, momentum: v128): v128 {
    return f32x4.add(f32x4.mul(momentum, f32x4.mul(scale, f32x4.convert_i32x4_s(q))), v128.load(gradient));
  }

  @inline static measure(scratch: usize, velocity: v128, gradient: usize, momentum: v128): void {
    const u = f32x4.add(v128.load(gradient), f32x4.mul(momentum, velocity));
    v128.store(scratch + SUMS, f32x4.add(v128.load(scratch + SUMS), f32x4.mul(u, u)));
    v128.store(scratch + LARGEST, f32x4.pmax(v128.load(scratch + LARGEST), f32x4.abs(velocity)));
  }

  /** How far four weights move, in units of w. */
  @inline static distance(scratch: usize, velocity: v128, gradient: usize, momentum: v128, r: usize): v128 {
    const u = f32x4.add(v128.load(gradient), f32x4.mul(momentum, velocity));
    return i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(f32x4.mul(v128.load(scratch + STEPS), u), v128.load(r))));
  }

  @inline static quantize(scratch: usize, velocity: v128): v128 {
    return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(velocity, v128.load(scratch + INVERSE))));
  }
}

export function update_nsgd_i16(
  scratch: usize,
  w: usize,
  gradient: usize,
  q: usize,
  scales: usize,
  noise: usize,
  rows: i32,
  momentum: f32,
  rate: f32,
  rms: f32,
  begin: i32,
  end: i32,
): void {
  const beta = f32x4.splat(momentum);
  for (let item = begin; item < end; item++) {
    const first = item * rows;
    const scale = scales + <usize>item * ROW_F32;
    memory.fill(scratch, 0, STEPS);
    for (let from = 0; from < rows; from += CHUNK) {
      memory.fill(scratch + SUMS, 0, 128);
      for (let row = from, stop = min(rows, from + CHUNK); row < stop; row++) {
        const o = <usize>(first + row);
        for (let lane: usize = 0; lane < 32; lane += 8) {
          const at = lane << 2;
          const eight = v128.load(q + o * ROW + (lane << 1));
          const g = gradient + o * ROW_F32 + at;
          const low = Row.velocity(i32x4.extend_low_i16x8_s(eight), v128.load(scale + at), g, beta);
          const high = Row.velocity(i32x4.extend_high_i16x8_s(eight), v128.load(scale + at, 16), g + 16, beta);
          Row.measure(scratch + at, low, g, beta);
          Row.measure(scratch + at + 16, high, g + 16, beta);
        }
      }
      for (let lane: usize = 0; lane < 128; lane += 16) Wide.add(scratch + (lane << 1), v128.load(scratch + SUMS + lane));
    }
    for (let lane: usize = 0; lane < 32; lane++) {
      const at = lane << 2;
      const mean = load<f64>(scratch + (lane << 3)) / <f64>rows;
      const step = mean < SMALLEST ? 0 : (32768 * <f64>rate * <f64>rms * sqrt(mean)) / mean;
      store<f32>(scratch + STEPS + at, <f32>step);
      const largest = load<f32>(scratch + LARGEST + at);
      store<f32>(scratch + INVERSE + at, largest > 0 ? 32767 / largest : 0);
    }
    for (let row = 0; row < rows; row++) {
      const o = <usize>(first + row);
      const r = noise + ((<usize>(((<u32>(first + row) * 2654435761) >> 18) & (NOISE_MASK & ~3))) << 2);
      for (let lane: usize = 0; lane < 32; lane += 8) {
        const at = lane << 2;
        const p = q + o * ROW + (lane << 1);
        const eight = v128.load(p);
        const g = gradient + o * ROW_F32 + at;
        const low = Row.velocity(i32x4.extend_low_i16x8_s(eight), v128.load(scale + at), g, beta);
        const high = Row.velocity(i32x4.extend_high_i16x8_s(eight), v128.load(scale + at, 16), g + 16, beta);
        const moved = i16x8.narrow_i32x4_s(
          Row.distance(scratch + at, low, g, beta, r + at),
          Row.distance(scratch + at + 16, high, g + 16, beta, r + at + 16),
        );
        const weights = w + o * ROW + (lane << 1);
        v128.store(weights, i16x8.sub_sat_s(v128.load(weights), moved));
        v128.store(p, i16x8.narrow_i32x4_s(Row.quantize(scratch + at, low), Row.quantize(scratch + at + 16, high)));
      }
    }
    for (let lane: usize = 0; lane < 128; lane += 16)
      v128.store(scale + lane, f32x4.mul(v128.load(scratch + LARGEST + lane), f32x4.splat(<f32>(1.0 / 32767.0))));
  }
}
