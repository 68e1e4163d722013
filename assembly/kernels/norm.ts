// The norm of gradients, and what brings it down. Arrays f32 [n], n: a multiple of 4. Item: 4,096 elements.

/** sums f64 [ceil(n / 4096)]: sum of x^2 over each item, in f64, two lanes for each half of a vector, added in order. */
export function norm_squares(scratch: usize, x: usize, sums: usize, n: i32, begin: i32, end: i32): void {
  for (let item = <usize>begin; item < <usize>end; item++) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let i = item << 14, stop = min((item + 1) << 14, (<usize>n) << 2); i < stop; i += 16) {
      const four = v128.load(x + i);
      const a = f64x2.promote_low_f32x4(four);
      const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 1));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const both = f64x2.add(low, high);
    store<f64>(sums + (item << 3), f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1));
  }
}

/** x <- factor x. */
export function norm_scale(scratch: usize, x: usize, n: i32, factor: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    v128.store(x + i, f32x4.mul(f32x4.splat(factor), v128.load(x + i)));
  }
}
