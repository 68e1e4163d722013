// Real weights of the forward pass from what stands behind them, and gradients on their way back. Arrays f32 [n], n: a multiple of 4.
// Item: 4,096 elements.

import { Exp } from '../lib/exp';
import { Exact } from '../lib/math';

/** w = tanh(beta u), beta > 0, within 2e-7 of it; the sign is that of u. From |beta u| = 9.02 on ±1. */
export function relax_tanh(scratch: usize, u: usize, w: usize, n: i32, beta: f32, begin: i32, end: i32): void {
  const one = f32x4.splat(1);
  const sign = f32x4.splat(-0.0);
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(u + i);
    const e = Exp.negative(f32x4.mul(f32x4.splat(-2 * beta), f32x4.abs(x)));
    const size = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
    v128.store(w + i, v128.or(size, v128.and(x, sign)));
  }
}

/** g <- g (a - b w^2): the derivative of tanh, or what stands for it. */
export function relax_tanh_dw(scratch: usize, g: usize, w: usize, n: i32, a: f32, b: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(w + i);
    const factor = f32x4.sub(f32x4.splat(a), f32x4.mul(f32x4.splat(b), f32x4.mul(x, x)));
    v128.store(g + i, f32x4.mul(v128.load(g + i), factor));
  }
}

/** w <- sign(w) (1 + shrink(|w| - 1)), shrink(d) = sign(d) max(|d| - strength, 0): towards ±1 by `strength`, not beyond (ProxQuant). sign(0) = 0, so spare lanes stay. */
export function prox_binary(scratch: usize, w: usize, n: i32, strength: f32, begin: i32, end: i32): void {
  const one = f32x4.splat(1);
  const sign = f32x4.splat(-0.0);
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(w + i);
    const d = f32x4.sub(f32x4.abs(x), one);
    const rest = f32x4.max(f32x4.sub(f32x4.abs(d), f32x4.splat(strength)), f32x4.splat(0));
    const size = f32x4.add(one, v128.or(rest, v128.and(d, sign)));
    const moved = v128.bitselect(f32x4.neg(size), size, f32x4.lt(x, f32x4.splat(0)));
    v128.store(w + i, v128.and(moved, f32x4.ne(x, f32x4.splat(0))));
  }
}

/** w = min(max(a theta + b sign(theta), -1), 1) (AdaSTE). */
export function relax_jump(scratch: usize, theta: usize, w: usize, n: i32, a: f32, b: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(theta + i);
    const jump = v128.bitselect(f32x4.splat(-b), f32x4.splat(b), f32x4.lt(x, f32x4.splat(0)));
    const y = f32x4.add(f32x4.mul(f32x4.splat(a), x), jump);
    v128.store(w + i, f32x4.max(f32x4.splat(-1), f32x4.min(f32x4.splat(1), y)));
  }
}

/** The largest |noise|: atanh is finite. */
const EDGE: f64 = 1 - 1 / 16777216.0;

/** w = tanh((lambda + atanh(noise)) / tau), noise uniform in [-1, 1): a relaxed sign of mean tanh(lambda) (BayesBiNN). In f64. */
export function relax_bernoulli(scratch: usize, lambda: usize, noise: usize, w: usize, n: i32, tau: f64, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 4) {
    const u = max(-EDGE, min(EDGE, <f64>load<f32>(noise + i)));
    const x = (<f64>load<f32>(lambda + i) + 0.5 * Exact.log((1 + u) / (1 - u))) / tau;
    const e = Exact.exp(-2 * min(400, abs(x)));
    store<f32>(w + i, <f32>copysign((1 - e) / (1 + e), x));
  }
}
