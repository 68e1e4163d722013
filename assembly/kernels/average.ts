// Moving averages. Arrays f32 [n], n: a multiple of 4. Item: 4,096 elements.

/** average <- average + rate (x - average), each operation rounded to f32. */
export function average_f32(scratch: usize, x: usize, average: usize, n: i32, rate: f32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const old = v128.load(average + i);
    v128.store(average + i, f32x4.add(old, f32x4.mul(f32x4.splat(rate), f32x4.sub(v128.load(x + i), old))));
  }
}
