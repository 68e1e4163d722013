// exp of four f32 from + - * alone, so the same bits on every host: for passes over all weights, where f64 would cost more than the pass.

export abstract class Exp {
  /** e^x for x <= 0, within 2e-7 of it, relative; below -87 as at -87. x = k ln 2 + r, |r| <= ln 2 / 2, a polynomial of degree 7 (remainder below 6e-9). */
  @inline static negative(x: v128): v128 {
    const y = f32x4.max(x, f32x4.splat(-87));
    const k = f32x4.nearest(f32x4.mul(y, f32x4.splat(1.44269504)));
    // ln 2 in two parts, the first of which has so few bits that k times it is exact.
    const r = f32x4.sub(f32x4.sub(y, f32x4.mul(k, f32x4.splat(0.693359375))), f32x4.mul(k, f32x4.splat(-2.1219444e-4)));
    let p = f32x4.splat(1.0 / 5040.0);
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 720.0));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120.0));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
    return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(k), 23));
  }
}
