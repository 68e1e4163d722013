// Signs of f32 rows by one compare per value. What lies between a product and a sign is monotone in x or constant (fold.ts):
//
//   s = (x xor flip) < t ? -1 : +1          flip: the sign bit where the sign falls with x, else 0; NaN gives +1

/** In memory: V8 builds a splat anew at every use. */
const ONE = memory.data<i8>([1]);

export abstract class Sign {
  /**
   * One row: x f32 [64] -> planes i8 [64] of ±1, 0 for images that do not count (mask i8 [64]: -1 or 0), and a word u64 of all 64 images,
   * 1 = -1. threshold: f32 t, u32 flip.
   */
  @inline static row(x: usize, threshold: usize, mask: usize, planes: usize, word: usize): void {
    const t = v128.load32_splat(threshold);
    const flip = v128.load32_splat(threshold, 4);
    const one = v128.load8_splat(ONE);
    for (let v: usize = 0; v < 64; v += 16, x += 64) {
      let a = i16x8.narrow_i32x4_s(f32x4.lt(v128.xor(v128.load(x), flip), t), f32x4.lt(v128.xor(v128.load(x, 16), flip), t));
      let b = i16x8.narrow_i32x4_s(f32x4.lt(v128.xor(v128.load(x, 32), flip), t), f32x4.lt(v128.xor(v128.load(x, 48), flip), t));
      let negative = i8x16.narrow_i16x8_s(a, b);
      v128.store(planes + v, v128.and(v128.load(mask + v), v128.or(negative, one)));
      store<u16>(word + (v >> 3), <u16>i8x16.bitmask(negative));
    }
  }
}
