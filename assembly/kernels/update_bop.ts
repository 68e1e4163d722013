// Bop (Helwegen et al., NeurIPS 2019): weights of ±1 and an average of their gradients, nothing else.
//
//   m <- (1 - gamma) m + gamma g;   w <- -w where w m > threshold
//
// n: a multiple of 4. Item: 4,096 elements. Spare lanes (w = 0, g = 0) stay 0.

export function update_bop(
  scratch: usize,
  w: usize,
  gradient: usize,
  m: usize,
  n: i32,
  keep: f32,
  gamma: f32,
  threshold: f32,
  begin: i32,
  end: i32,
): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const mean = f32x4.add(f32x4.mul(f32x4.splat(keep), v128.load(m + i)), f32x4.mul(f32x4.splat(gamma), v128.load(gradient + i)));
    v128.store(m + i, mean);
    const x = v128.load(w + i);
    const flips = f32x4.gt(f32x4.mul(x, mean), f32x4.splat(threshold));
    v128.store(w + i, v128.bitselect(f32x4.neg(x), x, flips));
  }
}
