// Surrogates of the sign that are no line: the gradient g of s = sign(v) becomes g f(v), f32, before the backward pass of the block, which then
// counts the sign's derivative as 1. v = u < 0 ? slope u : u, u = a x + b, as in lib/block, without a limit.
//
//   ede      f = k t (1 - tanh^2(t v)) = 4 k t e / (1 + e)^2                                   e = exp(-2 t |v|)
//   swish    f = beta (2 - beta v tanh(beta v / 2)) / (1 + cosh(beta v))
//              = 2 beta e (2 - beta |v| (1 - e) / (1 + e)) / (1 + e)^2                         e = exp(-beta |v|)
//   reste    f = (1/o) |v|^-power where m < |v| <= t, secant where |v| <= m, 0 beyond t        power = (o - 1) / o
//
// x [G][P][C][64], i16 or f32; g i16 with one scale per image, or f32; out f32 in their layout; parameters: 64 bytes per channel, f32 a, b, slope
// first. Item = (tile of 32 channels) * G + group.

import { Gradient, Lanes, TILE } from '../lib/block';
import { Exp } from '../lib/exp';

const EDE: i32 = 0;
const SWISH: i32 = 1;
const RESTE: i32 = 2;

abstract class Curve {
  /** f of four |v|. */
  @inline static of(kind: i32, size: v128, p0: v128, p1: v128, p2: v128, p3: v128, p4: v128): v128 {
    const one = f32x4.splat(1);
    if (kind == RESTE) {
      // p0 m, p1 t, p2 power, p3 t^-power / o, p4 the secant's slope
      const inside = f32x4.max(f32x4.div(f32x4.min(size, p1), p1), f32x4.splat(1e-30));
      const value = f32x4.div(p3, Exp.negative(f32x4.mul(p2, Exp.log(inside))));
      return v128.and(v128.bitselect(p4, value, f32x4.le(size, p0)), f32x4.le(size, p1));
    }
    // ede: p0 2 t, p1 4 k t; swish: p0 beta, p1 2 beta
    const z = f32x4.mul(p0, size);
    const e = Exp.negative(f32x4.neg(z));
    const sum = f32x4.add(one, e);
    const f = f32x4.div(f32x4.mul(p1, e), f32x4.mul(sum, sum));
    if (kind == EDE) return f;
    return f32x4.mul(f, f32x4.sub(f32x4.splat(2), f32x4.div(f32x4.mul(z, f32x4.sub(one, e)), sum)));
  }
}

function multiply<X, T>(
  kind: i32,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  p0: f32,
  p1: f32,
  p2: f32,
  p3: f32,
  p4: f32,
  begin: i32,
  end: i32,
): void {
  const q0 = f32x4.splat(p0);
  const q1 = f32x4.splat(p1);
  const q2 = f32x4.splat(p2);
  const q3 = f32x4.splat(p3);
  const q4 = f32x4.splat(p4);
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    const perImage = scale + ((<usize>group) << 8);
    for (let p = 0; p < positions; p++) {
      const o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
      for (let c: usize = 0; c < <usize>n; c++) {
        const q = parameters + ((<usize>c0 + c) << 6);
        const a = v128.load32_splat(q);
        const b = v128.load32_splat(q, 4);
        const slope = v128.load32_splat(q, 8);
        const gr = g + (o + c) * (64 * sizeof<T>());
        const xr = x + (o + c) * (64 * sizeof<X>());
        const to = out + ((o + c) << 8);
        for (let v: usize = 0; v < 64; v += 4) {
          const u = f32x4.add(f32x4.mul(a, Lanes.f32<X>(xr, v)), b);
          const w = v128.bitselect(f32x4.mul(slope, u), u, f32x4.lt(u, f32x4.splat(0)));
          const f = Curve.of(kind, f32x4.abs(w), q0, q1, q2, q3, q4);
          v128.store(to + (v << 2), f32x4.mul(Gradient.g<T>(gr, v, perImage), f));
        }
      }
    }
  }
}

// ---- exports: <x><gradient>

/** height: k t. */
export function surrogate_ede_i16i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  t: f32,
  height: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, i16>(EDE, g, scale, x, parameters, out, groups, positions, channels, 2 * t, 4 * height, 0, 0, 0, begin, end);
}

export function surrogate_ede_i16f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  t: f32,
  height: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, f32>(EDE, g, scale, x, parameters, out, groups, positions, channels, 2 * t, 4 * height, 0, 0, 0, begin, end);
}

export function surrogate_ede_f32i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  t: f32,
  height: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, i16>(EDE, g, scale, x, parameters, out, groups, positions, channels, 2 * t, 4 * height, 0, 0, 0, begin, end);
}

export function surrogate_ede_f32f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  t: f32,
  height: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, f32>(EDE, g, scale, x, parameters, out, groups, positions, channels, 2 * t, 4 * height, 0, 0, 0, begin, end);
}

export function surrogate_swish_i16i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  beta: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, i16>(SWISH, g, scale, x, parameters, out, groups, positions, channels, beta, 2 * beta, 0, 0, 0, begin, end);
}

export function surrogate_swish_i16f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  beta: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, f32>(SWISH, g, scale, x, parameters, out, groups, positions, channels, beta, 2 * beta, 0, 0, 0, begin, end);
}

export function surrogate_swish_f32i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  beta: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, i16>(SWISH, g, scale, x, parameters, out, groups, positions, channels, beta, 2 * beta, 0, 0, 0, begin, end);
}

export function surrogate_swish_f32f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  beta: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, f32>(SWISH, g, scale, x, parameters, out, groups, positions, channels, beta, 2 * beta, 0, 0, 0, begin, end);
}

/** outer = t^-power / o, secant = m^-power. */
export function surrogate_reste_i16i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  m: f32,
  t: f32,
  power: f32,
  outer: f32,
  secant: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, i16>(RESTE, g, scale, x, parameters, out, groups, positions, channels, m, t, power, outer, secant, begin, end);
}

export function surrogate_reste_i16f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  m: f32,
  t: f32,
  power: f32,
  outer: f32,
  secant: f32,
  begin: i32,
  end: i32,
): void {
  multiply<i16, f32>(RESTE, g, scale, x, parameters, out, groups, positions, channels, m, t, power, outer, secant, begin, end);
}

export function surrogate_reste_f32i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  m: f32,
  t: f32,
  power: f32,
  outer: f32,
  secant: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, i16>(RESTE, g, scale, x, parameters, out, groups, positions, channels, m, t, power, outer, secant, begin, end);
}

export function surrogate_reste_f32f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  out: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  m: f32,
  t: f32,
  power: f32,
  outer: f32,
  secant: f32,
  begin: i32,
  end: i32,
): void {
  multiply<f32, f32>(RESTE, g, scale, x, parameters, out, groups, positions, channels, m, t, power, outer, secant, begin, end);
}
