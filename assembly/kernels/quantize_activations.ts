// Activations of few bits: n = 2^bits odd levels q = 2 i - (n - 1), i = 0 .. n - 1, which stand for q step.
//
//   i = min(max(floor(x / (2 step) + n / 2), 0), n - 1)             q = sum over bits j of 2^j (bit j of i ? +1 : -1)
//   dx = |x / step| <= n - 1 ? dxhat : 0,  dstep = sum of dxhat (that ? q - x / step : q)            dxhat = dq / step
//
// x, dx f32 [G][P][C][64 images]; q i8 in that layout, 0 for images that do not count; words u64 [bits][G][P][C], bit 1 = -1; dq, the gradient of q,
// i16 with one scale per image, or f32. Item = (tile of 32 channels) * G + group.

import { Gradient, TILE } from '../lib/block';
import { Wide } from '../lib/wide';

abstract class Level {
  /** i of four x, as f32. inverse = 1 / (2 step). */
  @inline static of(x: v128, inverse: v128, middle: v128, top: v128): v128 {
    const t = f32x4.floor(f32x4.add(f32x4.mul(x, inverse), middle));
    return f32x4.min(f32x4.max(t, f32x4.splat(0)), top);
  }
}

/** mask i8 [G][64]. */
export function quantize_f32_i8(
  scratch: usize,
  x: usize,
  q: usize,
  words: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  bits: i32,
  inverse: f32,
  begin: i32,
  end: i32,
): void {
  const n = 1 << bits;
  const vi = f32x4.splat(inverse);
  const middle = f32x4.splat(<f32>(n >> 1));
  const top = f32x4.splat(<f32>(n - 1));
  const most = i8x16.splat(<i8>(n - 1));
  const plane = (<usize>(groups * positions) * <usize>channels) << 3;
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const count = min(TILE, channels - c0);
    const m = mask + ((<usize>group) << 6);
    for (let p = 0; p < positions; p++) {
      const o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      for (let c: usize = 0; c < <usize>count; c++) {
        const from = x + ((o + c) << 8);
        const to = q + ((o + c) << 6);
        const word = words + ((o + c) << 3);
        for (let v: usize = 0; v < 64; v += 16) {
          const r = from + (v << 2);
          const a = i32x4.trunc_sat_f32x4_s(Level.of(v128.load(r), vi, middle, top));
          const b = i32x4.trunc_sat_f32x4_s(Level.of(v128.load(r, 16), vi, middle, top));
          const d = i32x4.trunc_sat_f32x4_s(Level.of(v128.load(r, 32), vi, middle, top));
          const e = i32x4.trunc_sat_f32x4_s(Level.of(v128.load(r, 48), vi, middle, top));
          const i = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(d, e));
          v128.store(to + v, v128.and(v128.load(m + v), i8x16.sub(i8x16.add(i, i), most)));
          for (let j = 0; j < bits; j++) store<u16>(word + <usize>j * plane + (v >> 3), <u16>~i8x16.bitmask(i8x16.shl(i, 7 - j)));
        }
      }
    }
  }
}

/** dx 0: only the sums. sums f64 [items], in order of position, channel and image. */
function gradient<T>(
  dq: usize,
  scale: usize,
  x: usize,
  dx: usize,
  sums: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  bits: i32,
  inverse: f32,
  step: f32,
  begin: i32,
  end: i32,
): void {
  const n = 1 << bits;
  const vi = f32x4.splat(inverse);
  const vs = f32x4.splat(step);
  const middle = f32x4.splat(<f32>(n >> 1));
  const top = f32x4.splat(<f32>(n - 1));
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const count = min(TILE, channels - c0);
    const perImage = scale + ((<usize>group) << 8);
    let total = f64x2.splat(0);
    for (let p = 0; p < positions; p++) {
      const o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      for (let c: usize = 0; c < <usize>count; c++) {
        const g = dq + (o + c) * (64 * sizeof<T>());
        const from = x + ((o + c) << 8);
        const to = dx + ((o + c) << 8);
        let sum = f32x4.splat(0);
        for (let v: usize = 0; v < 64; v += 4) {
          const value = v128.load(from + (v << 2));
          const size = f32x4.div(value, vs);
          const inside = f32x4.le(f32x4.abs(size), top);
          const i = Level.of(value, vi, middle, top);
          const q = f32x4.sub(f32x4.add(i, i), top);
          const dxhat = f32x4.div(Gradient.g<T>(g, v, perImage), vs);
          sum = f32x4.add(sum, f32x4.mul(dxhat, f32x4.sub(q, v128.and(inside, size))));
          if (dx != 0) v128.store(to + (v << 2), v128.and(inside, dxhat));
        }
        total = f64x2.add(total, Wide.sum(sum));
      }
    }
    store<f64>(sums + ((<usize>item) << 3), f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1));
  }
}

export function quantize_dx_i16(
  scratch: usize,
  dq: usize,
  scale: usize,
  x: usize,
  dx: usize,
  sums: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  bits: i32,
  inverse: f32,
  step: f32,
  begin: i32,
  end: i32,
): void {
  gradient<i16>(dq, scale, x, dx, sums, groups, positions, channels, bits, inverse, step, begin, end);
}
export function quantize_dx_f32(
  scratch: usize,
  dq: usize,
  scale: usize,
  x: usize,
  dx: usize,
  sums: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  bits: i32,
  inverse: f32,
  step: f32,
  begin: i32,
  end: i32,
): void {
  gradient<f32>(dq, scale, x, dx, sums, groups, positions, channels, bits, inverse, step, begin, end);
}
