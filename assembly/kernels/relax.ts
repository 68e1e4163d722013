// Real weights of the forward pass from what stands behind them, and gradients on their way back. Arrays f32 [n], n: a multiple of 4.
// Item: 4,096 elements.

import { Exp } from '../lib/exp';

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
