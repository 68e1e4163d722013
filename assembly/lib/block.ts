// Shared by the kernels of a block. Backward, what lies between two products leads through sign, activation and batch norm to the
// gradient of the product's output (block_sums, block_dx):
//
//   u = a x + b,  w = u < 0 ? slope u : u,  v = clamp(w, -limit, limit)          as in block_forward
//   dv = g max(0, s0 - s1 |v|)            sign: ApproxSign has s0 = s1 = 2 (Liu et al., Bi-Real Net, ECCV 2018); no sign: s0 = 1, s1 = 0
//   dw = dv where |w| <= limit, else 0
//   du = dw (u < 0 ? slope : 1)
//   dx = k1 du + k2 x + k3                k1 = a; k2, k3 from sum du and sum du x (batch norm), else 0
//
// x [G][P][C][64], i16 or f32. g, the gradient of the result, is f32, or i16 with one scale per image. Parameters: 64 bytes per channel,
// f32 a, b, slope, limit, s0, s1, k1, k2, k3, inverse scale of the dW copy.

/** Channels of a work item. */
export const TILE: i32 = 32;

export abstract class Lanes {
  /** Four values of x from lane v on, as f32; x is i16 or f32. */
  @inline static f32<T>(x: usize, v: usize): v128 {
    return isFloat<T>() ? v128.load(x + (v << 2)) : f32x4.convert_i32x4_s(v128.load16x4_s(x + (v << 1)));
  }
}

export abstract class Gradient {
  /** Four values of g; scale f32 [64] per image for i16. */
  @inline static g<T>(g: usize, v: usize, scale: usize): v128 {
    let value = Lanes.f32<T>(g, v);
    return isFloat<T>() ? value : f32x4.mul(value, v128.load(scale + (v << 2)));
  }
  /** dw from g and w. pmin and pmax are one instruction on x86, min and max about eight. */
  @inline static dw(g: v128, w: v128, limit: v128, s0: v128, s1: v128): v128 {
    let size = f32x4.abs(w);
    let factor = f32x4.pmax(f32x4.sub(s0, f32x4.mul(s1, f32x4.pmin(size, limit))), f32x4.splat(0));
    return v128.and(f32x4.mul(g, factor), f32x4.le(size, limit));
  }
  /** Four values of dx from lane v on. The constants of a channel are in locals of the caller: V8 builds a splat anew at every use. */
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
