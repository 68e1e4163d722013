// exp and log of four f32 from + - * / alone, so the same bits on every host: for passes over all weights, where f64 would cost more than the pass.

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

  /** ln x for normal x in (0, 1], within 3e-7 of it, relative, or of 1 where it is smaller. x = 2^k m, sqrt(1/2) <= m < sqrt(2), ln m = 2 artanh((m - 1) / (m + 1)). */
  @inline static log(x: v128): v128 {
    const one = f32x4.splat(1);
    // Subtracting the bits of sqrt(1/2) carries into the exponent where the fraction is at least that.
    const k = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
    const m = i32x4.sub(x, i32x4.shl(k, 23));
    const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
    const s2 = f32x4.mul(s, s);
    let p = f32x4.splat(2.0 / 9.0);
    p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 7.0));
    p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 5.0));
    p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2.0 / 3.0));
    p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(2));
    return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(k), f32x4.splat(0.6931471805599453)), f32x4.mul(p, s));
  }
}
