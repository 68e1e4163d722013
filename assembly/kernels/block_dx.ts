// The gradient of a block's input, in the layouts and number formats of its products. Formulas and layouts: lib/block.

import { Gradient, Lanes, TILE } from '../lib/block';
import { writeRows, writeTransposed } from '../lib/unpool';

const MAGIC = memory.data<f32>([12582912]); // 1.5 * 2^23: adding it rounds to an integer in the low bits of the float

/** Noise tile: f32 numbers in [-1/2, 1/2), this many and 64 more. */
const NOISE: u32 = 4096;

/** The constants of a channel, in locals of the caller's row. */
abstract class Result {
  @inline static dx<X, T>(
    g: usize,
    x: usize,
    v: usize,
    scale: usize,
    mask: usize,
    a: v128,
    b: v128,
    slope: v128,
    limit: v128,
    s0: v128,
    s1: v128,
    k1: v128,
    k2: v128,
    k3: v128,
  ): v128 {
    let value = Lanes.f32<X>(x, v);
    let u = f32x4.add(f32x4.mul(a, value), b);
    let negative = f32x4.lt(u, f32x4.splat(0));
    let dw = Gradient.dw(Gradient.g<T>(g, v, scale), v128.bitselect(f32x4.mul(slope, u), u, negative), limit, s0, s1);
    let du = v128.bitselect(f32x4.mul(slope, dw), dw, negative);
    return v128.and(v128.load(mask + (v << 2)), f32x4.add(f32x4.add(f32x4.mul(k1, du), f32x4.mul(k2, value)), k3));
  }
}

abstract class Round {
  /** Four i32, floor(z * inverse + r) with noise = r - 1/2. |z * inverse| < 2^22. */
  @inline static four(z: v128, inverse: v128, noise: v128, magic: v128): v128 {
    return i32x4.sub(f32x4.add(f32x4.add(f32x4.mul(z, inverse), noise), magic), magic);
  }
  /** Eight i16 or sixteen i8 within [least, most]: clamped after rounding, since 511.00003 + .99999 floors to 512. */
  @inline static i16(a: v128, b: v128, least: v128, most: v128): v128 {
    return i16x8.max_s(least, i16x8.min_s(most, i16x8.narrow_i32x4_s(a, b)));
  }
  @inline static i8(a: v128, b: v128, c: v128, d: v128, least: v128, most: v128): v128 {
    return i8x16.max_s(least, i8x16.min_s(most, i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d))));
  }
}

/** Where the pre-pool gradient goes: the pool's geometry, as i32 in this order; size 1, stride 1 and argmax 0 if there is no pool. */
@unmanaged
class PoolShape {
  groups: i32;
  height: i32; // of the map before the pool
  width: i32;
  channels: i32;
  size: i32;
  stride: i32;
}

/**
 * dx in one or two layouts, before the pool if there is one (zero everywhere but at the argmax):
 *   out   Q [G][H][W][C][64]                      for the input gradient, one scale per image
 *   outT  Q [tile][G][H][W][64][L] or 0 (none)    for the weight gradient, one scale per channel; L = 64 / sizeof<Q>() lanes, spare ones 0
 * Q = i16 or i8: q = floor(dx * inverse + r), r in [0, 1), |q| <= qmax; noise: the tile of r - 1/2, read at a hash of (position, channel). Q = f32: as it is.
 * inverse f32 [G][64] per image; mask u32 [G][64]; argmax u8 [G][P][C][64] or 0. P = positions after the pool. Overlapping windows are not supported.
 * Item = (tile of 32 channels) * G + group.
 */
function blockGradient<X, T, Q>(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: PoolShape,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const groups = shape.groups;
  const channels = shape.channels;
  const width = shape.width;
  const size = shape.size;
  const stride = shape.stride;
  const outHeight = (shape.height - size) / stride + 1;
  const outWidth = (width - size) / stride + 1;
  const positions = shape.height * width;
  const rowBytes: usize = 64 * sizeof<Q>();
  const lanes: i32 = 64 / sizeof<Q>();
  const tileBytes = (<usize>(groups * positions)) << 12;
  const second = scratch + 8192; // the dW copy, where it differs from the dX copy
  const bounds = scratch + 16384;
  for (let v: usize = 0; v < 16; v += sizeof<Q>()) {
    if (sizeof<Q>() == 1) {
      store<i8>(bounds + v, <i8>-qmax);
      store<i8>(bounds + v, <i8>qmax, 16);
    } else if (sizeof<Q>() == 2) {
      store<i16>(bounds + v, <i16>-qmax);
      store<i16>(bounds + v, <i16>qmax, 16);
    }
  }
  const covered = outHeight * stride == shape.height && outWidth * stride == width && size == stride;
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const tile = item / groups;
    const c0 = tile * TILE;
    const n = min(TILE, channels - c0);
    const rows = out + (<usize>(group * positions) * <usize>channels + <usize>c0) * rowBytes;
    const blocks = outT + ((<usize>((c0 / lanes) * groups + group) * <usize>positions) << 12) + <usize>(c0 % lanes) * sizeof<Q>();
    // Lanes of the transposed copy, with the spare ones: what fills tiles of up to 32, and tiles of 64 if no other item does.
    const written = lanes < TILE ? (n + lanes - 1) & -lanes : lanes > TILE && c0 % lanes == 0 && c0 + TILE >= channels ? lanes : TILE;
    const m = mask + ((<usize>group) << 8);
    const perImage = scale + ((<usize>group) << 8);
    const inverseImage = inverse + ((<usize>group) << 8);
    memory.fill(scratch, 0, 16384);
    if (!covered) {
      for (let p = 0; p < positions; p++) memory.fill(rows + <usize>p * <usize>channels * rowBytes, 0, <usize>n * rowBytes);
      if (outT != 0) {
        for (let l = 0; l < written; l += lanes) {
          for (let row = blocks + <usize>(l / lanes) * tileBytes, stop = row + ((<usize>positions) << 12); row < stop; row += 64)
            memory.fill(row, 0, <usize>min(lanes, written) * sizeof<Q>());
        }
      }
    }
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const o = <usize>((group * outHeight + oy) * outWidth + ox) * <usize>channels + <usize>c0;
        for (let c: usize = 0; c < <usize>n; c++) {
          const q = parameters + ((<usize>c0 + c) << 6);
          const gr = g + (o + c) * (64 * sizeof<T>());
          const xr = x + (o + c) * (64 * sizeof<X>());
          const a = scratch + c * rowBytes;
          const k0 = v128.load32_splat(q);
          const kb = v128.load32_splat(q, 4);
          const slope = v128.load32_splat(q, 8);
          const limit = v128.load32_splat(q, 12);
          const s0 = v128.load32_splat(q, 16);
          const s1 = v128.load32_splat(q, 20);
          const k1 = v128.load32_splat(q, 24);
          const k2 = v128.load32_splat(q, 28);
          const k3 = v128.load32_splat(q, 32);
          if (sizeof<Q>() == 4) {
            for (let v: usize = 0; v < 64; v += 4)
              v128.store(a + (v << 2), Result.dx<X, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3));
          } else {
            const hash = <u32>(o + c) * 2654435761;
            const r = noise + ((<usize>((hash >> 20) & (NOISE - 1))) << 2);
            const b = second + c * rowBytes;
            const magic = v128.load32_splat(MAGIC);
            const least = v128.load(bounds);
            const most = v128.load(bounds, 16);
            for (let v: usize = 0; v < 64; v += 16 / sizeof<Q>()) {
              const i = v << 2;
              const w = v128.load32_splat(q, 36);
              const z0 = Result.dx<X, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
              const z1 = Result.dx<X, T>(gr, xr, v + 4, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
              const r0 = v128.load(r + i);
              const r1 = v128.load(r + i, 16);
              const a0 = Round.four(z0, v128.load(inverseImage + i), r0, magic);
              const a1 = Round.four(z1, v128.load(inverseImage + i, 16), r1, magic);
              const b0 = Round.four(z0, w, r0, magic);
              const b1 = Round.four(z1, w, r1, magic);
              if (sizeof<Q>() == 2) {
                v128.store(a + (v << 1), Round.i16(a0, a1, least, most));
                v128.store(b + (v << 1), Round.i16(b0, b1, least, most));
              } else {
                const z2 = Result.dx<X, T>(gr, xr, v + 8, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
                const z3 = Result.dx<X, T>(gr, xr, v + 12, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
                const r2 = v128.load(r + i, 32);
                const r3 = v128.load(r + i, 48);
                const a2 = Round.four(z2, v128.load(inverseImage + i, 32), r2, magic);
                const a3 = Round.four(z3, v128.load(inverseImage + i, 48), r3, magic);
                v128.store(a + v, Round.i8(a0, a1, a2, a3, least, most));
                v128.store(b + v, Round.i8(b0, b1, Round.four(z2, w, r2, magic), Round.four(z3, w, r3, magic), least, most));
              }
            }
          }
        }
        for (let ky = 0, k = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++, k++) {
            const p = <usize>((oy * stride + ky) * width + ox * stride + kx);
            const place = argmax != 0 ? argmax + (o << 6) : 0;
            writeRows<Q>(scratch, rows + p * <usize>channels * rowBytes, place, k, n);
            if (outT != 0) writeTransposed<Q>(sizeof<Q>() == 4 ? scratch : second, blocks + (p << 12), tileBytes, place, k, written);
          }
        }
      }
    }
  }
}

// ---- exports: <x><gradient>_<result>

export function block_dx_i16i16_i8(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<i16, i16, i8>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_i16f32_i8(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<i16, f32, i8>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_i16i16_i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<i16, i16, i16>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_i16f32_i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<i16, f32, i16>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_i16f32_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<i16, f32, f32>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_f32i16_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<f32, i16, f32>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
export function block_dx_f32f32_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const s = changetype<PoolShape>(shape);
  blockGradient<f32, f32, f32>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, s, qmax, begin, end);
}
