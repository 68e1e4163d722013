// Sums of f32 lanes in f64.

export abstract class Wide {
  /** The four lanes as two sums. */
  @inline static sum(v: v128): v128 {
    return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 0, 1)));
  }

  /** sums f64 [4] <- sums + v, v f32 [4]. */
  @inline static add(sums: usize, v: v128): void {
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(v)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3))), 16);
  }
}
