// From values behind a max pool to the map in front of it, as rows and transposed: each lands where its argmax says, zero elsewhere.

import { Zip } from './zip';

abstract class Unpool {
  /** All bits 1 in the lanes (of T) of a vector whose argmax is k. place: 16, 8 or 4 bytes. */
  @inline static mask<T>(place: usize, k: i32): v128 {
    if (sizeof<T>() == 1) return i8x16.eq(v128.load(place), i8x16.splat(<i8>k));
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
  /** 8 channels x 16 images of i8 at s (channels 64 bytes apart) to d (images 64 bytes apart). */
  @inline static i8(s: usize, d: usize, place: usize, k: i32): void {
    let a0 = Transpose.load<i8>(s, place, k, 0),
      a1 = Transpose.load<i8>(s, place, k, 1),
      a2 = Transpose.load<i8>(s, place, k, 2),
      a3 = Transpose.load<i8>(s, place, k, 3);
    let a4 = Transpose.load<i8>(s, place, k, 4),
      a5 = Transpose.load<i8>(s, place, k, 5),
      a6 = Transpose.load<i8>(s, place, k, 6),
      a7 = Transpose.load<i8>(s, place, k, 7);
    Transpose.half(Zip.low<i8>(a0, a4), Zip.low<i8>(a1, a5), Zip.low<i8>(a2, a6), Zip.low<i8>(a3, a7), d);
    Transpose.half(Zip.high<i8>(a0, a4), Zip.high<i8>(a1, a5), Zip.high<i8>(a2, a6), Zip.high<i8>(a3, a7), d + 512);
  }
  /** Eight images: a = channels 0 and 4 in turn, b = 1 and 5, c = 2 and 6, e = 3 and 7. */
  @inline static half(a: v128, b: v128, c: v128, e: v128, d: usize): void {
    let even0 = Zip.low<i8>(a, c),
      even1 = Zip.high<i8>(a, c),
      odd0 = Zip.low<i8>(b, e),
      odd1 = Zip.high<i8>(b, e);
    let v = Zip.low<i8>(even0, odd0);
    v128.store64_lane(d, v, 0);
    v128.store64_lane(d, v, 1, 64);
    v = Zip.high<i8>(even0, odd0);
    v128.store64_lane(d, v, 0, 128);
    v128.store64_lane(d, v, 1, 192);
    v = Zip.low<i8>(even1, odd1);
    v128.store64_lane(d, v, 0, 256);
    v128.store64_lane(d, v, 1, 320);
    v = Zip.high<i8>(even1, odd1);
    v128.store64_lane(d, v, 0, 384);
    v128.store64_lane(d, v, 1, 448);
  }
  /** 8 channels x 8 images of i16 at s (channels 128 bytes apart) to d (images 64 bytes apart). */
  @inline static i16(s: usize, d: usize, place: usize, k: i32): void {
    let a0 = Transpose.load<i16>(s, place, k, 0),
      a1 = Transpose.load<i16>(s, place, k, 1),
      a2 = Transpose.load<i16>(s, place, k, 2),
      a3 = Transpose.load<i16>(s, place, k, 3);
    let a4 = Transpose.load<i16>(s, place, k, 4),
      a5 = Transpose.load<i16>(s, place, k, 5),
      a6 = Transpose.load<i16>(s, place, k, 6),
      a7 = Transpose.load<i16>(s, place, k, 7);
    let b0 = Zip.low<i16>(a0, a4),
      b1 = Zip.high<i16>(a0, a4),
      b2 = Zip.low<i16>(a1, a5),
      b3 = Zip.high<i16>(a1, a5);
    let b4 = Zip.low<i16>(a2, a6),
      b5 = Zip.high<i16>(a2, a6),
      b6 = Zip.low<i16>(a3, a7),
      b7 = Zip.high<i16>(a3, a7);
    a0 = Zip.low<i16>(b0, b4);
    a1 = Zip.high<i16>(b0, b4);
    a2 = Zip.low<i16>(b2, b6);
    a3 = Zip.high<i16>(b2, b6);
    a4 = Zip.low<i16>(b1, b5);
    a5 = Zip.high<i16>(b1, b5);
    a6 = Zip.low<i16>(b3, b7);
    a7 = Zip.high<i16>(b3, b7);
    v128.store(d, Zip.low<i16>(a0, a2));
    v128.store(d, Zip.high<i16>(a0, a2), 64);
    v128.store(d, Zip.low<i16>(a1, a3), 128);
    v128.store(d, Zip.high<i16>(a1, a3), 192);
    v128.store(d, Zip.low<i16>(a4, a6), 256);
    v128.store(d, Zip.high<i16>(a4, a6), 320);
    v128.store(d, Zip.low<i16>(a5, a7), 384);
    v128.store(d, Zip.high<i16>(a5, a7), 448);
  }
  /** 4 channels x 4 images of f32 at s (channels 256 bytes apart) to d (images 64 bytes apart). */
  @inline static f32(s: usize, d: usize, place: usize, k: i32): void {
    let a0 = Transpose.load<f32>(s, place, k, 0),
      a1 = Transpose.load<f32>(s, place, k, 1),
      a2 = Transpose.load<f32>(s, place, k, 2),
      a3 = Transpose.load<f32>(s, place, k, 3);
    let b0 = Zip.low<f32>(a0, a2),
      b1 = Zip.high<f32>(a0, a2),
      b2 = Zip.low<f32>(a1, a3),
      b3 = Zip.high<f32>(a1, a3);
    v128.store(d, Zip.low<f32>(b0, b2));
    v128.store(d, Zip.high<f32>(b0, b2), 64);
    v128.store(d, Zip.low<f32>(b1, b3), 128);
    v128.store(d, Zip.high<f32>(b1, b3), 192);
  }
  @inline static load<T>(s: usize, place: usize, k: i32, row: usize): v128 {
    let value = v128.load(s + row * (64 * sizeof<T>()));
    return place != 0 ? v128.and(value, Unpool.mask<T>(place + (row << 6), k)) : value;
  }
}

/** Copies n rows (channels) of 64 images of T at s to d, rows contiguous, through the mask of place k. */
export function writeRows<T>(s: usize, d: usize, place: usize, k: i32, n: i32): void {
  for (let c = 0; c < n; c++) {
    Unpool.row<T>(s + <usize>c * (64 * sizeof<T>()), d + <usize>c * (64 * sizeof<T>()), place != 0 ? place + ((<usize>c) << 6) : 0, k);
  }
}

/** Transposes n rows (channels) of 64 images of T at s to [64 images][L] at d, the next tile of L = 64 / sizeof<T>() lanes `tileBytes` further. */
export function writeTransposed<T>(s: usize, d: usize, tileBytes: usize, place: usize, k: i32, n: i32): void {
  if (sizeof<T>() == 1) {
    for (let c: usize = 0; c < <usize>n; c += 8) {
      // Rows behind those of an item are 0, and have no place.
      const p = c < 32 ? place : 0;
      for (let v: usize = 0; v < 64; v += 16) Transpose.i8(s + (c << 6) + v, d + (v << 6) + c, p != 0 ? p + (c << 6) + v : 0, k);
    }
  } else if (sizeof<T>() == 2) {
    for (let c: usize = 0; c < <usize>n; c += 8) {
      for (let v: usize = 0; v < 64; v += 8) {
        Transpose.i16(s + (c << 7) + (v << 1), d + (v << 6) + (c << 1), place != 0 ? place + (c << 6) + v : 0, k);
      }
    }
  } else {
    for (let c: usize = 0; c < <usize>n; c += 4) {
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
