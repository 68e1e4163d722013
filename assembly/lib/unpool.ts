// From values behind a max pool to the map in front of it, as rows and transposed: each lands where its argmax says, zero elsewhere.

abstract class Unpool {
  /** All bits 1 in the lanes (of T) of a vector whose argmax is k. place: 8 or 4 bytes. */
  @inline static mask<T>(place: usize, k: i32): v128 {
    return sizeof<T>() == 2
      ? i16x8.eq(v128.load8x8_u(place), i16x8.splat(<i16>k))
      : i32x4.eq(i16x8.extend_low_i8x16_u(i16x8.extend_low_i8x16_u(v128.load32_zero(place))), i32x4.splat(k));
  }
  /** dst = 64 lanes of src, or those of them whose argmax is k. */
  @inline static row<T>(src: usize, dst: usize, place: usize, k: i32): void {
    for (let v: usize = 0; v < 64 * sizeof<T>(); v += 16) {
      let value = v128.load(src + v);
      if (place != 0) value = v128.and(value, Unpool.mask<T>(place + v / sizeof<T>(), k));
      v128.store(dst + v, value);
    }
  }
}

abstract class Transpose {
  /** 8 channels x 8 images of i16 at s (channels 128 bytes apart) to d (images 64 bytes apart). */
  @inline static i16(s: usize, d: usize, place: usize, k: i32): void {
    let a0 = Transpose.load16(s, place, k, 0),
      a1 = Transpose.load16(s, place, k, 1),
      a2 = Transpose.load16(s, place, k, 2),
      a3 = Transpose.load16(s, place, k, 3);
    let a4 = Transpose.load16(s, place, k, 4),
      a5 = Transpose.load16(s, place, k, 5),
      a6 = Transpose.load16(s, place, k, 6),
      a7 = Transpose.load16(s, place, k, 7);
    let b0 = Transpose.low16(a0, a4),
      b1 = Transpose.high16(a0, a4),
      b2 = Transpose.low16(a1, a5),
      b3 = Transpose.high16(a1, a5);
    let b4 = Transpose.low16(a2, a6),
      b5 = Transpose.high16(a2, a6),
      b6 = Transpose.low16(a3, a7),
      b7 = Transpose.high16(a3, a7);
    a0 = Transpose.low16(b0, b4);
    a1 = Transpose.high16(b0, b4);
    a2 = Transpose.low16(b2, b6);
    a3 = Transpose.high16(b2, b6);
    a4 = Transpose.low16(b1, b5);
    a5 = Transpose.high16(b1, b5);
    a6 = Transpose.low16(b3, b7);
    a7 = Transpose.high16(b3, b7);
    v128.store(d, Transpose.low16(a0, a2));
    v128.store(d, Transpose.high16(a0, a2), 64);
    v128.store(d, Transpose.low16(a1, a3), 128);
    v128.store(d, Transpose.high16(a1, a3), 192);
    v128.store(d, Transpose.low16(a4, a6), 256);
    v128.store(d, Transpose.high16(a4, a6), 320);
    v128.store(d, Transpose.low16(a5, a7), 384);
    v128.store(d, Transpose.high16(a5, a7), 448);
  }
  /** 4 channels x 4 images of f32 at s (channels 256 bytes apart) to d (images 64 bytes apart). */
  @inline static f32(s: usize, d: usize, place: usize, k: i32): void {
    let a0 = Transpose.load32(s, place, k, 0),
      a1 = Transpose.load32(s, place, k, 1),
      a2 = Transpose.load32(s, place, k, 2),
      a3 = Transpose.load32(s, place, k, 3);
    let b0 = v128.shuffle<i32>(a0, a2, 0, 4, 1, 5),
      b1 = v128.shuffle<i32>(a0, a2, 2, 6, 3, 7);
    let b2 = v128.shuffle<i32>(a1, a3, 0, 4, 1, 5),
      b3 = v128.shuffle<i32>(a1, a3, 2, 6, 3, 7);
    v128.store(d, v128.shuffle<i32>(b0, b2, 0, 4, 1, 5));
    v128.store(d, v128.shuffle<i32>(b0, b2, 2, 6, 3, 7), 64);
    v128.store(d, v128.shuffle<i32>(b1, b3, 0, 4, 1, 5), 128);
    v128.store(d, v128.shuffle<i32>(b1, b3, 2, 6, 3, 7), 192);
  }
  @inline static load16(s: usize, place: usize, k: i32, row: usize): v128 {
    let value = v128.load(s + (row << 7));
    return place != 0 ? v128.and(value, Unpool.mask<i16>(place + (row << 6), k)) : value;
  }
  @inline static load32(s: usize, place: usize, k: i32, row: usize): v128 {
    let value = v128.load(s + (row << 8));
    return place != 0 ? v128.and(value, Unpool.mask<f32>(place + (row << 6), k)) : value;
  }
  @inline static low16(a: v128, b: v128): v128 {
    return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  }
  @inline static high16(a: v128, b: v128): v128 {
    return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  }
}

/** Copies n rows (channels) of 64 images of T at s to d, rows contiguous, through the mask of place k. */
export function writeRows<T>(s: usize, d: usize, place: usize, k: i32, n: i32): void {
  for (let c = 0; c < n; c++) {
    Unpool.row<T>(s + <usize>c * (64 * sizeof<T>()), d + <usize>c * (64 * sizeof<T>()), place != 0 ? place + ((<usize>c) << 6) : 0, k);
  }
}

/** Transposes 32 rows (channels) of 64 images of T at s to [64 images][L] at d, the next tile of L = 64 / sizeof<T>() lanes `tileBytes` further. */
export function writeTransposed<T>(s: usize, d: usize, tileBytes: usize, place: usize, k: i32, n: i32): void {
  if (sizeof<T>() == 2) {
    for (let c: usize = 0; c < 32; c += 8) {
      for (let v: usize = 0; v < 64; v += 8) {
        Transpose.i16(s + (c << 7) + (v << 1), d + (v << 6) + (c << 1), place != 0 ? place + (c << 6) + v : 0, k);
      }
    }
  } else {
    for (let c: usize = 0; c < <usize>((n + 15) & ~15); c += 4) {
      for (let v: usize = 0; v < 64; v += 4) {
        Transpose.f32(
          s + (c << 8) + (v << 2),
          d + (c >> 4) * tileBytes + (v << 6) + ((c & 15) << 2),
          place != 0 ? place + (c << 6) + v : 0,
          k,
        );
      }
    }
  }
}
