// The gradient of a block's input behind a binary product. Formulas and layouts: lib/block.
//
// Behind a binary product it is written in the two layouts and the number format that the gradients of the product want. Where a pool lies between
// them it is the gradient of the POOLED map, with its argmax: conv2d_lookup puts each value in its place. Behind a float product: block_dx_f32.

import { Gradient, TILE } from '../lib/block';
import { transpose } from '../lib/transpose';

const MAGIC = memory.data<f32>([12582912]); // 1.5 * 2^23: adding it rounds to an integer in the low bits of the float

/** Noise tile: f32 numbers in [-1/2, 1/2), this many and 64 more. */
const NOISE: u32 = 4096;

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

/**
 * dx of a binary product's output, pooled if there is a pool, P positions:
 *   out      Q [G][P][C][64]             for the input gradient, one scale per image
 *   outT     Q [tile][G][P][64][L]       for the weight gradient, one scale per channel; L = 64 / sizeof<Q>() lanes, spare ones 0
 *   argmaxT  u8 [tile][G][P][64][L]      argmax u8 [G][P][C][64] in the layout of outT; both 0 if there is no pool
 * Q = i16 or i8: q = floor(dx * inverse + r), r in [0, 1), |q| <= qmax; noise: the tile of r - 1/2, read at a hash of (position, channel). Q = f32: as it
 * is; inverse, noise and qmax have no meaning. inverse f32 [G][64] per image; mask u32 [G][64]. Item = (tile of 32 channels) * G + group.
 */
function productGradient<T, Q>(
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
  argmaxT: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  const rowBytes: usize = 64 * sizeof<Q>();
  const lanes: i32 = 64 / sizeof<Q>();
  const tileBytes = (<usize>(groups * positions)) << 12; // of outT
  const placeBytes = <usize>(groups * positions) * <usize>(64 * lanes); // of argmaxT
  // Scratch: the rows of outT and of argmaxT, spare ones 0, and the bounds of q.
  const places = scratch + 8192;
  const bounds = scratch + 12288;
  memory.fill(scratch, 0, 12288);
  for (let v: usize = 0; v < 16; v += sizeof<Q>()) {
    if (sizeof<Q>() == 1) {
      store<i8>(bounds + v, <i8>-qmax);
      store<i8>(bounds + v, <i8>qmax, 16);
    } else if (sizeof<Q>() == 2) {
      store<i16>(bounds + v, <i16>-qmax);
      store<i16>(bounds + v, <i16>qmax, 16);
    }
  }
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    const first = (c0 / lanes) * groups + group;
    const blocks = outT + ((<usize>(first * positions)) << 12) + <usize>(c0 % lanes) * sizeof<Q>();
    const placeBlocks = argmaxT + <usize>(first * positions) * <usize>(64 * lanes) + <usize>(c0 % lanes);
    // Lanes to write, with the spare ones: what fills tiles of up to 32, and a tile of 64 if no other item does.
    const written = <usize>(lanes < TILE ? (n + lanes - 1) & -lanes : c0 % lanes == 0 && c0 + TILE >= channels ? lanes : TILE);
    const m = mask + ((<usize>group) << 8);
    const perImage = scale + ((<usize>group) << 8);
    const inverseImage = inverse + ((<usize>group) << 8);
    if (n < TILE) memory.fill(scratch, 0, 12288); // what the item before it left behind the last channel
    for (let p = 0; p < positions; p++) {
      const o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      for (let c: usize = 0; c < <usize>n; c++) {
        const q = parameters + ((<usize>c0 + c) << 6);
        const gr = g + (o + c) * (64 * sizeof<T>());
        const xr = x + ((o + c) << 7);
        const a = out + (o + c) * rowBytes;
        const b = scratch + c * rowBytes;
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
          for (let v: usize = 0; v < 64; v += 4) {
            const z = Gradient.dx<i16, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
            v128.store(a + (v << 2), z);
            v128.store(b + (v << 2), z);
          }
        } else {
          const hash = <u32>(o + c) * 2654435761;
          const r = noise + ((<usize>((hash >> 20) & (NOISE - 1))) << 2);
          const magic = v128.load32_splat(MAGIC);
          const least = v128.load(bounds);
          const most = v128.load(bounds, 16);
          for (let v: usize = 0; v < 64; v += 16 / sizeof<Q>()) {
            const i = v << 2;
            const w = v128.load32_splat(q, 36);
            const z0 = Gradient.dx<i16, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
            const z1 = Gradient.dx<i16, T>(gr, xr, v + 4, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
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
              const z2 = Gradient.dx<i16, T>(gr, xr, v + 8, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
              const z3 = Gradient.dx<i16, T>(gr, xr, v + 12, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
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
      transpose<Q>(scratch, blocks + ((<usize>p) << 12), 64, tileBytes, written);
      if (argmax != 0) {
        memory.copy(places, argmax + (o << 6), (<usize>n) << 6);
        transpose<u8>(places, placeBlocks + <usize>p * <usize>(64 * lanes), <usize>lanes, placeBytes, written);
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<i16, i8>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<f32, i8>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<i16, i16>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
}

export function block_dx_i16i16_f32(
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<i16, f32>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<f32, i16>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
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
  argmaxT: usize,
  G: i32,
  P: i32,
  C: i32,
  qmax: i32,
  begin: i32,
  end: i32,
): void {
  productGradient<f32, f32>(scratch, g, scale, x, parameters, argmax, mask, inverse, noise, out, outT, argmaxT, G, P, C, qmax, begin, end);
}
