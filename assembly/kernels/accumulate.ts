// Sums of arrays of n elements, a multiple of 4. Work item: 4,096 elements.

/** y += x, i32. */
export function add_i32(scratch: usize, y: usize, x: usize, n: i32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16)
    v128.store(y + i, i32x4.add(v128.load(y + i), v128.load(x + i)));
}

/** y += factor x, i32. */
export function add_scaled_i32(scratch: usize, y: usize, x: usize, n: i32, factor: i32, begin: i32, end: i32): void {
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16)
    v128.store(y + i, i32x4.add(v128.load(y + i), i32x4.mul(i32x4.splat(factor), v128.load(x + i))));
}

/** y = scale x, or with `add` other than 0 y += scale x; f32. */
export function add_scaled_f32(scratch: usize, y: usize, x: usize, n: i32, scale: f32, add: i32, begin: i32, end: i32): void {
  const factor = f32x4.splat(scale);
  for (let i = (<usize>begin) << 14, stop = min((<usize>end) << 14, (<usize>n) << 2); i < stop; i += 16) {
    const value = f32x4.mul(factor, v128.load(x + i));
    v128.store(y + i, add != 0 ? f32x4.add(v128.load(y + i), value) : value);
  }
}
