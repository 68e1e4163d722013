// exp, log, and sine and cosine of a turn, in f64, from + - * / alone: the same bits on every host. Relative error below 4e-16
// (1e-15 for log near 1), checked in test/kernels/math.test.ts.

const LN2_HIGH: f64 = 0.6931471803691238; // the upper 33 bits of ln 2: k * LN2_HIGH is exact for |k| < 2^20
const LN2_LOW: f64 = 1.9082149292705877e-10;
const LOG2_E: f64 = 1.4426950408889634;
const TWO_PI: f64 = 6.283185307179586;
const SQRT_HALF: f64 = 0.7071067811865476;

export abstract class Exact {
  /** 2^k as f64, -1022 <= k <= 1023. */
  @inline static power2(k: i64): f64 {
    return reinterpret<f64>((k + 1023) << 52);
  }

  /** e^x: x = k ln 2 + r with |r| <= ln 2 / 2, Taylor polynomial of degree 13 (remainder below 5e-18). */
  static exp(x: f64): f64 {
    if (x > 709.7827128933839) return Infinity;
    if (x < -708) return 0; // subnormal results count as 0
    let k = nearest(x * LOG2_E);
    let r = x - k * LN2_HIGH - k * LN2_LOW;
    let p: f64 = 1;
    for (let i: f64 = 13; i > 0; i -= 1) p = 1 + (r * p) / i;
    return k > 1023 ? p * Exact.power2(1023) * 2 : p * Exact.power2(<i64>k);
  }

  /** The four f64 at p, none above 709, become their exp, the same bits: divisions of four chains overlap. */
  static expFour(p: usize): void {
    const log2e = f64x2.splat(LOG2_E);
    const high = f64x2.splat(LN2_HIGH);
    const low = f64x2.splat(LN2_LOW);
    const one = f64x2.splat(1);
    const x0 = v128.load(p),
      x1 = v128.load(p, 16);
    const k0 = f64x2.nearest(f64x2.mul(x0, log2e)),
      k1 = f64x2.nearest(f64x2.mul(x1, log2e));
    const r0 = f64x2.sub(f64x2.sub(x0, f64x2.mul(k0, high)), f64x2.mul(k0, low)),
      r1 = f64x2.sub(f64x2.sub(x1, f64x2.mul(k1, high)), f64x2.mul(k1, low));
    let p0 = one,
      p1 = one;
    for (let i: f64 = 13; i > 0; i -= 1) {
      const n = f64x2.splat(i);
      p0 = f64x2.add(one, f64x2.div(f64x2.mul(r0, p0), n));
      p1 = f64x2.add(one, f64x2.div(f64x2.mul(r1, p1), n));
    }
    Exact.scale(p, x0, k0, p0);
    Exact.scale(p + 16, x1, k1, p1);
  }

  /** p 2^k of two lanes to `to`; 0 where x is below -708. */
  @inline static scale(to: usize, x: v128, k: v128, p: v128): void {
    const least = f64x2.splat(-708);
    const power = f64x2.replace_lane(
      f64x2.splat(Exact.power2(<i64>f64x2.extract_lane(k, 0))),
      1,
      Exact.power2(<i64>f64x2.extract_lane(k, 1)),
    );
    v128.store(to, v128.andnot(f64x2.mul(p, power), f64x2.lt(x, least)));
  }

  /** ln x for x > 0 and normal: x = 2^k m, sqrt(1/2) <= m < sqrt(2); ln m = 2 artanh((m - 1) / (m + 1)), 12 terms. */
  static log(x: f64): f64 {
    let bits = reinterpret<i64>(x);
    let k = (bits >> 52) - 1023;
    let m = reinterpret<f64>((bits & 0xfffffffffffff) | ((<i64>1023) << 52));
    if (m > 2 * SQRT_HALF) {
      m *= 0.5;
      k += 1;
    }
    let s = (m - 1) / (m + 1);
    let s2 = s * s;
    let p: f64 = 0;
    for (let i: f64 = 23; i > 0; i -= 2) p = p * s2 + 1 / i;
    return <f64>k * LN2_HIGH + (2 * s * p + <f64>k * LN2_LOW);
  }

  /** cos(2 pi u) for |u| < 2^28: u is reduced exactly to an eighth of a turn; Taylor polynomials of degree 17. */
  static cosTurn(u: f64): f64 {
    let q = nearest(4 * u);
    let a = (u - 0.25 * q) * TWO_PI;
    switch (<i32>q & 3) {
      case 0:
        return Exact.cosine(a);
      case 1:
        return -Exact.sine(a);
      case 2:
        return -Exact.cosine(a);
      default:
        return Exact.sine(a);
    }
  }

  /** sin(2 pi u). */
  static sinTurn(u: f64): f64 {
    return Exact.cosTurn(u - 0.25);
  }

  /** |a| <= pi / 4. */
  static cosine(a: f64): f64 {
    let a2 = a * a;
    let p: f64 = 1;
    for (let i: f64 = 18; i > 0; i -= 2) p = 1 - (a2 * p) / (i * (i - 1));
    return p;
  }

  static sine(a: f64): f64 {
    let a2 = a * a;
    let p: f64 = 1;
    for (let i: f64 = 17; i > 1; i -= 2) p = 1 - (a2 * p) / (i * (i - 1));
    return a * p;
  }
}
