// What lies between two products, forward: statistics, max pool, and batch norm + activation + sign as one threshold or one f32 pass.
//
//   u = a x + b          batch norm with a = gamma / sigma, b = beta - a mean (or a scale alone, or nothing: a = 1, b = 0)
//   v = clamp(u < 0 ? slope u : u, -limit, limit)      PReLU, hard tanh (slope 1, limit 1), or neither (slope 1, limit infinity)
//   s = v < 0 ? -1 : +1                                -0 and NaN give +1
//
// x [G][P][C][64 images], T = i16 (the exact output of a binary convolution) or f32; P positions. Work item of all kernels here: a tile
// of 32 channels over all groups and positions (statistics), or (tile of 32 channels) * G + group (everything else).

import { Lanes, TILE } from '../lib/block';
import { Sign } from '../lib/sign';
import { Statistics } from '../lib/statistics';

/** Constants are loaded from memory into locals: V8 builds a splat anew at every use, which costs up to 15 %. */
const ONE = memory.data<i16>([1, 0]);

// ---- statistics: f64 [C][4] = sum, sum of squares, minimum, maximum. Var = (N S2 - S1^2) / N^2 is left to the caller, which knows the true N.

/**
 * Integer statistics, exact: squares of two values of at most 32,767 fit in a u32 lane; their sums in i64. Images that do not count must hold 0:
 * they add nothing to the sums, and may widen minimum and maximum to 0.
 */
export function statistics_i16(
  scratch: usize,
  x: usize,
  statistics: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const one = v128.load16_splat(ONE);
  for (let item = begin; item < end; item++) {
    const c0 = item * TILE;
    const n = min(TILE, channels - c0);
    for (let c = 0; c < n; c++) {
      let s = scratch + ((<usize>c) << 6);
      memory.fill(s, 0, 32);
      v128.store(s, i16x8.splat(i16.MAX_VALUE), 32);
      v128.store(s, i16x8.splat(i16.MIN_VALUE), 48);
    }
    for (let p = 0; p < groups * positions; p++) {
      let row = x + ((<usize>p * <usize>channels + <usize>c0) << 7);
      for (let s = scratch, stop = scratch + ((<usize>n) << 6); s < stop; s += 64) {
        let sum = i32x4.splat(0);
        let squares = i64x2.splat(0);
        let low = v128.load(row);
        let high = low;
        for (let next = row + 128; row < next; row += 16) {
          let v = v128.load(row);
          let square = i32x4.dot_i16x8_s(v, v); // at most 2 * 32,767^2 < 2^31
          sum = i32x4.add(sum, i32x4.dot_i16x8_s(v, one));
          squares = i64x2.add(squares, i64x2.add(i64x2.extend_low_i32x4_u(square), i64x2.extend_high_i32x4_u(square)));
          low = i16x8.min_s(low, v);
          high = i16x8.max_s(high, v);
        }
        v128.store(s, i64x2.add(v128.load(s), i64x2.add(i64x2.extend_low_i32x4_s(sum), i64x2.extend_high_i32x4_s(sum))));
        v128.store(s, i64x2.add(v128.load(s, 16), squares), 16);
        v128.store(s, i16x8.min_s(v128.load(s, 32), low), 32);
        v128.store(s, i16x8.max_s(v128.load(s, 48), high), 48);
      }
    }
    for (let c = 0; c < n; c++) {
      let s = scratch + ((<usize>c) << 6);
      let out = statistics + ((<usize>(c0 + c)) << 5);
      let low = load<i16>(s, 32);
      let high = load<i16>(s, 48);
      for (let i: usize = 2; i < 16; i += 2) {
        low = min(low, load<i16>(s + i, 32));
        high = max(high, load<i16>(s + i, 48));
      }
      store<f64>(out, <f64>(load<i64>(s) + load<i64>(s, 8)));
      store<f64>(out, <f64>(load<i64>(s, 16) + load<i64>(s, 24)), 8);
      store<f64>(out, <f64>low, 16);
      store<f64>(out, <f64>high, 24);
    }
  }
}

/** The same for f32, with sums in f64 in order of group, position and image. mask u32 [G][64]: all bits 1 for images that count, else 0. */
export function statistics_f32(
  scratch: usize,
  x: usize,
  mask: usize,
  statistics: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let item = begin; item < end; item++) {
    const c0 = item * TILE;
    const n = min(TILE, channels - c0);
    Statistics.clear(scratch, n);
    for (let p = 0; p < groups * positions; p++)
      Statistics.add(scratch, x + ((<usize>p * <usize>channels + <usize>c0) << 8), mask + ((<usize>(p / positions)) << 8), n);
    Statistics.write(scratch, statistics + ((<usize>c0) << 5), n);
  }
}

// ---- max pool

/**
 * Max pool without padding: x [G][H][W][C][64] -> y [G][OH][OW][C][64] and argmax u8, the place in the window in row-major order; the first of equals wins.
 * negate i16 [C]: 0, or -1 for channels whose scale is negative: there the minimum of x is the maximum of scale * x.
 * Item = (tile of 32 channels) * G + group. statistics: of the item, f64 [G][C][4], as in statistics_f32; 0: none.
 */
function maxPool<T>(
  scratch: usize,
  x: usize,
  y: usize,
  argmax: usize,
  negate: usize,
  statistics: usize,
  mask: usize,
  groups: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  const outHeight = (height - size) / stride + 1;
  const outWidth = (width - size) / stride + 1;
  const rowBytes: usize = 64 * sizeof<T>();
  const one = isFloat<T>() ? v128.load32_splat(ONE) : v128.load16_splat(ONE);
  const two = isFloat<T>() ? i32x4.add(one, one) : i16x8.add(one, one);
  const three = isFloat<T>() ? i32x4.add(two, one) : i16x8.add(two, one);
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    const from = x + <usize>(group * height * width) * <usize>channels * rowBytes;
    if (statistics != 0) Statistics.clear(scratch, n);
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const o = <usize>((group * outHeight + oy) * outWidth + ox) * <usize>channels;
        for (let c = c0; c < c0 + n; c++) {
          const corner = from + (<usize>(oy * stride * width + ox * stride) * <usize>channels + <usize>c) * rowBytes;
          const out = y + (o + <usize>c) * rowBytes;
          const place = argmax + ((o + <usize>c) << 6);
          const sign = isFloat<T>()
            ? v128.and(i32x4.splat(<i32>load<i16>(negate + ((<usize>c) << 1))), i32x4.splat(i32.MIN_VALUE))
            : v128.load16_splat(negate + ((<usize>c) << 1));
          if (size == 2) {
            const right = corner + <usize>channels * rowBytes;
            const below = corner + <usize>width * <usize>channels * rowBytes;
            const diagonal = below + <usize>channels * rowBytes;
            for (let v: usize = 0; v < rowBytes; v += 16) {
              let best = Pool.signed<T>(v128.load(corner + v), sign);
              let value = Pool.signed<T>(v128.load(right + v), sign);
              let index = v128.and(one, Pool.greater<T>(value, best));
              best = Pool.larger<T>(best, value);
              value = Pool.signed<T>(v128.load(below + v), sign);
              index = v128.bitselect(two, index, Pool.greater<T>(value, best));
              best = Pool.larger<T>(best, value);
              value = Pool.signed<T>(v128.load(diagonal + v), sign);
              index = v128.bitselect(three, index, Pool.greater<T>(value, best));
              v128.store(out + v, Pool.signed<T>(Pool.larger<T>(best, value), sign));
              Pool.storeIndex<T>(place, v, index);
            }
            continue;
          }
          for (let v: usize = 0; v < rowBytes; v += 16) {
            let best = Pool.signed<T>(v128.load(corner + v), sign);
            let index = i32x4.splat(0);
            let k = 0;
            for (let ky = 0; ky < size; ky++) {
              for (let kx = 0; kx < size; kx++, k++) {
                let value = Pool.signed<T>(v128.load(corner + <usize>(ky * width + kx) * <usize>channels * rowBytes + v), sign);
                index = v128.bitselect(isFloat<T>() ? i32x4.splat(k) : i16x8.splat(<i16>k), index, Pool.greater<T>(value, best));
                best = Pool.larger<T>(best, value);
              }
            }
            v128.store(out + v, Pool.signed<T>(best, sign));
            Pool.storeIndex<T>(place, v, index);
          }
        }
        if (statistics != 0) Statistics.add(scratch, y + (o + <usize>c0) * rowBytes, mask + ((<usize>group) << 8), n);
      }
    }
    if (statistics != 0) Statistics.write(scratch, statistics + ((<usize>(group * channels + c0)) << 5), n);
  }
}

abstract class Pool {
  /** -x where sign is set: by the sign bit for f32, by two's complement for i16 (values stay above -32,768). Its own inverse. */
  @inline static signed<T>(x: v128, sign: v128): v128 {
    return isFloat<T>() ? v128.xor(x, sign) : i16x8.sub(v128.xor(x, sign), sign);
  }

  @inline static greater<T>(value: v128, best: v128): v128 {
    return isFloat<T>() ? f32x4.gt(value, best) : i16x8.gt_s(value, best);
  }

  @inline static larger<T>(best: v128, value: v128): v128 {
    return isFloat<T>() ? f32x4.pmax(best, value) : i16x8.max_s(best, value);
  }

  /** One byte per image, 8 of i16 or 4 of f32, for the 16 bytes of values at v. */
  @inline static storeIndex<T>(place: usize, v: usize, index: v128): void {
    const narrow = isFloat<T>() ? i16x8.narrow_i32x4_u(index, index) : index;
    const bytes = i8x16.narrow_i16x8_u(narrow, narrow);
    if (isFloat<T>()) v128.store32_lane(place + (v >> 2), bytes, 0);
    else v128.store64_lane(place + (v >> 1), bytes, 0);
  }
}

export function max_pool2d_i16(
  scratch: usize,
  x: usize,
  y: usize,
  argmax: usize,
  negate: usize,
  groups: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  maxPool<i16>(scratch, x, y, argmax, negate, 0, 0, groups, height, width, channels, size, stride, begin, end);
}

export function max_pool2d_f32(
  scratch: usize,
  x: usize,
  y: usize,
  argmax: usize,
  negate: usize,
  statistics: usize,
  mask: usize,
  groups: i32,
  height: i32,
  width: i32,
  channels: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  maxPool<f32>(scratch, x, y, argmax, negate, statistics, mask, groups, height, width, channels, size, stride, begin, end);
}

// ---- batch norm, activation, sign

/**
 * x i16 -> ±1 by one integer compare per channel: s = -1 where (x < t) xor flip. thresholds: per channel i16 t, i8 flip (0 or -1), one spare byte.
 * planes i8 [G][P][C][64], 0 for images that do not count (mask i8 [G][64]: -1 or 0); words u64 [G][P][C] along the images.
 */
export function threshold_i16_b1(
  scratch: usize,
  x: usize,
  planes: usize,
  words: usize,
  thresholds: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const one = i8x16.splat(1);
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    const m = mask + ((<usize>group) << 6);
    for (let p = 0; p < positions; p++) {
      let o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      let row = x + (o << 7);
      let out = planes + (o << 6);
      let word = words + (o << 3);
      let tp = thresholds + ((<usize>c0) << 2);
      for (let c = 0; c < n; c++) {
        let t = v128.load16_splat(tp);
        let flip = v128.load8_splat(tp, 2);
        let n0 = v128.xor(flip, i8x16.narrow_i16x8_s(i16x8.lt_s(v128.load(row), t), i16x8.lt_s(v128.load(row, 16), t)));
        let n1 = v128.xor(flip, i8x16.narrow_i16x8_s(i16x8.lt_s(v128.load(row, 32), t), i16x8.lt_s(v128.load(row, 48), t)));
        let n2 = v128.xor(flip, i8x16.narrow_i16x8_s(i16x8.lt_s(v128.load(row, 64), t), i16x8.lt_s(v128.load(row, 80), t)));
        let n3 = v128.xor(flip, i8x16.narrow_i16x8_s(i16x8.lt_s(v128.load(row, 96), t), i16x8.lt_s(v128.load(row, 112), t)));
        v128.store(out, v128.and(v128.load(m), v128.or(n0, one)));
        v128.store(out, v128.and(v128.load(m, 16), v128.or(n1, one)), 16);
        v128.store(out, v128.and(v128.load(m, 32), v128.or(n2, one)), 32);
        v128.store(out, v128.and(v128.load(m, 48), v128.or(n3, one)), 48);
        store<u64>(
          word,
          <u64>(<u32>i8x16.bitmask(n0)) |
            ((<u64>(<u32>i8x16.bitmask(n1))) << 16) |
            ((<u64>(<u32>i8x16.bitmask(n2))) << 32) |
            ((<u64>(<u32>i8x16.bitmask(n3))) << 48),
        );
        row += 128;
        out += 64;
        word += 8;
        tp += 4;
      }
    }
  }
}

abstract class Activation {
  /** v of four images. parameters of a channel: f32 a, b, slope, limit at q. */
  @inline static activate(x: v128, q: usize): v128 {
    let u = f32x4.add(f32x4.mul(v128.load32_splat(q), x), v128.load32_splat(q, 4));
    let v = v128.bitselect(f32x4.mul(v128.load32_splat(q, 8), u), u, f32x4.lt(u, f32x4.splat(0)));
    let limit = v128.load32_splat(q, 12);
    return f32x4.pmax(f32x4.pmin(v, limit), f32x4.neg(limit)); // in this order NaN stays NaN
  }
}

/** y f32 [G][P][C][64] = v. parameters: 64 bytes per channel, f32 a, b, slope, limit first. */
function activation<T>(x: usize, y: usize, parameters: usize, groups: i32, positions: i32, channels: i32, begin: i32, end: i32): void {
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    for (let p = 0; p < positions; p++) {
      let o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      let row = x + o * (64 * sizeof<T>());
      let out = y + (o << 8);
      for (let c = 0, q = parameters + ((<usize>c0) << 6); c < n; c++, q += 64) {
        for (let v: usize = 0; v < 64; v += 4) v128.store(out + (v << 2), Activation.activate(Lanes.f32<T>(row, v), q));
        row += 64 * sizeof<T>();
        out += 256;
      }
    }
  }
}

export function activation_i16_f32(
  scratch: usize,
  x: usize,
  y: usize,
  parameters: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  activation<i16>(x, y, parameters, groups, positions, channels, begin, end);
}

export function activation_f32_f32(
  scratch: usize,
  x: usize,
  y: usize,
  parameters: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  activation<f32>(x, y, parameters, groups, positions, channels, begin, end);
}

/** x f32 -> ±1 by one compare. thresholds: per channel f32 t and u32 flip (lib/sign); planes, words and mask as in threshold_i16_b1. */
export function threshold_f32_b1(
  scratch: usize,
  x: usize,
  planes: usize,
  words: usize,
  thresholds: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    for (let p = 0; p < positions; p++) {
      let o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      for (let t = thresholds + ((<usize>c0) << 3), stop = t + ((<usize>n) << 3); t < stop; t += 8, o++)
        Sign.row(x + (o << 8), t, mask + ((<usize>group) << 6), planes + (o << 6), words + (o << 3));
    }
  }
}
