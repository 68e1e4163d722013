// Statistics of f32 rows: sum, sum of squares, minimum and maximum per channel, in f64. Var = (N S2 - S1^2) / N^2 is left to the caller,
// which knows the true N. Sums in f32 would do for values around 0 only: where the mean is large the difference loses what they rounded.

export abstract class Statistics {
  /** Starts n channels at s, 64 bytes each: f64 sum [2], f64 squares [2], f32 minimum [4], f32 maximum [4]. */
  static clear(s: usize, n: i32): void {
    for (let end = s + ((<usize>n) << 6); s < end; s += 64) {
      memory.fill(s, 0, 32);
      v128.store(s, f32x4.splat(<f32>Infinity), 32);
      v128.store(s, f32x4.splat(-(<f32>Infinity)), 48);
    }
  }

  /** Adds a row of 64 images to each of n channels, rows one after the other. mask u32 [64]: images with all bits 0 count as 0. */
  static add(s: usize, row: usize, mask: usize, n: i32): void {
    for (let end = s + ((<usize>n) << 6); s < end; s += 64, row += 256) {
      let sum = v128.load(s);
      let squares = v128.load(s, 16);
      let low = v128.load(s, 32);
      let high = v128.load(s, 48);
      for (let i: usize = 0; i < 256; i += 16) {
        let v = v128.and(v128.load(row + i), v128.load(mask + i));
        let d0 = f64x2.promote_low_f32x4(v);
        let d1 = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 0, 1));
        sum = f64x2.add(sum, f64x2.add(d0, d1));
        squares = f64x2.add(squares, f64x2.add(f64x2.mul(d0, d0), f64x2.mul(d1, d1)));
        low = f32x4.pmin(low, v);
        high = f32x4.pmax(high, v);
      }
      v128.store(s, sum);
      v128.store(s, squares, 16);
      v128.store(s, low, 32);
      v128.store(s, high, 48);
    }
  }

  /** Writes n channels to out, f64 [n][4]. */
  static write(s: usize, out: usize, n: i32): void {
    for (let end = s + ((<usize>n) << 6); s < end; s += 64, out += 32) {
      let low = v128.load(s, 32);
      let high = v128.load(s, 48);
      low = f32x4.min(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
      high = f32x4.max(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
      store<f64>(out, load<f64>(s) + load<f64>(s, 8));
      store<f64>(out, load<f64>(s, 16) + load<f64>(s, 24), 8);
      store<f64>(out, <f64>min<f32>(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)), 16);
      store<f64>(out, <f64>max<f32>(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 24);
    }
  }
}
