// Nesterov momentum as the normalised optimizers take it, four weights at a time:
//
//   v <- momentum v + scale gradient;  u = scale gradient + momentum v
//
// A filter, or a block of filters, whose u has a root mean square below 2^-60 has no direction worth normalising and stays as it is:
// squares of smaller numbers leave the range of f32. NaN and infinity are no such case, they go through to the weights.

/** Mean square of u below which nothing moves. */
export const SMALLEST: f64 = 7.52316384526264e-37; // 2^-120

export abstract class Momentum {
  /** Updates v; returns u. */
  @inline static update(gradient: usize, v: usize, scale: v128, momentum: v128): v128 {
    let g = f32x4.mul(scale, v128.load(gradient));
    let velocity = f32x4.add(f32x4.mul(momentum, v128.load(v)), g);
    v128.store(v, velocity);
    return f32x4.add(g, f32x4.mul(momentum, velocity));
  }

  /** The same u once more, after the update. */
  @inline static read(gradient: usize, v: usize, scale: v128, momentum: v128): v128 {
    return f32x4.add(f32x4.mul(scale, v128.load(gradient)), f32x4.mul(momentum, v128.load(v)));
  }
}
