// BayesBiNN (Meng, Bachmann and Khan, ICML 2020):
//
//   s = (1 - w^2 + 1e-10) / (tau (1 - mu^2 + 1e-10)),  mu = tanh(lambda)          w^2 = 1 at low temperatures, where the relaxed weights are signs
//   d = size s g + kl lambda;   m <- beta m + (1 - beta) d;   lambda <- lambda - step m
//
// In f32, as published: 1 - mu^2 is 0 from |lambda| = 9.01 on, so s is 1 / tau there. Item: 4,096 elements.

import { Exact } from '../lib/math';

const EPSILON: f32 = 1e-10;

/** w = 0: signs. m = 0: no momentum (beta is 0), and no memory for it. n: a multiple of 4. */
export function update_bayesbinn(
  scratch: usize,
  lambda: usize,
  mu: usize,
  gradient: usize,
  w: usize,
  m: usize,
  n: i32,
  tau: f32,
  size: f32,
  kl: f32,
  beta: f32,
  rest: f32,
  step: f32,
  begin: i32,
  end: i32,
): void {
  const one = f32x4.splat(1);
  const epsilon = f32x4.splat(EPSILON);
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const x = v128.load(lambda + i);
    const mean = v128.load(mu + i);
    const variance = f32x4.add(f32x4.sub(one, f32x4.mul(mean, mean)), epsilon);
    let top = epsilon;
    if (w != 0) {
      const real = v128.load(w + i);
      top = f32x4.add(f32x4.sub(one, f32x4.mul(real, real)), epsilon);
    }
    const s = f32x4.div(top, f32x4.mul(f32x4.splat(tau), variance));
    let d = f32x4.mul(f32x4.splat(size), f32x4.mul(s, v128.load(gradient + i)));
    d = f32x4.add(d, f32x4.mul(f32x4.splat(kl), x));
    if (m != 0) {
      d = f32x4.add(f32x4.mul(f32x4.splat(beta), v128.load(m + i)), f32x4.mul(f32x4.splat(rest), d));
      v128.store(m + i, d);
    }
    v128.store(lambda + i, f32x4.sub(x, f32x4.mul(f32x4.splat(step), d)));
  }
}

/** From here on tanh is 1 in f32. */
const SETTLED: f32 = 9.02;
/** Below this tanh(x) is x in f32: x^2 / 3 < 2^-25. */
const LINEAR: f32 = 1.0 / 4096.0;

/** y = tanh(x), from f64: exact to the last bit of f32 or the one before. Zeros stay. n: a multiple of 4. Four settled numbers cost nothing. */
export function tanh_f32(scratch: usize, x: usize, y: usize, n: i32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const four = v128.load(x + i);
    if (i32x4.all_true(f32x4.ge(f32x4.abs(four), f32x4.splat(SETTLED)))) {
      v128.store(y + i, v128.or(v128.and(four, f32x4.splat(-0.0)), f32x4.splat(1)));
      continue;
    }
    // tanh(v) = sign(v) (1 - e) / (1 + e), e = exp(-2 |v|); beyond 400 e counts as 0 anyway.
    for (let j: usize = 0; j < 4; j++) store<f64>(scratch + (j << 3), -2 * min(400, abs(<f64>load<f32>(x + i + (j << 2)))));
    Exact.expFour(scratch);
    for (let j: usize = 0; j < 4; j++) {
      const v = load<f32>(x + i + (j << 2));
      const e = load<f64>(scratch + (j << 3));
      store<f32>(y + i + (j << 2), abs(v) < LINEAR ? v : copysign<f32>(<f32>((1 - e) / (1 + e)), v));
    }
  }
}
