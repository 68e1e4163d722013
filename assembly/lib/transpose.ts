// From a row of 64 images per channel to a row of channels per image.

import { Zip } from './zip';

abstract class Transpose {
  /** 8 channels x 16 images of bytes at s (channels 64 bytes apart) to d (images `stride` bytes apart). */
  @inline static bytes(s: usize, d: usize, stride: usize): void {
    let a0 = v128.load(s),
      a1 = v128.load(s, 64),
      a2 = v128.load(s, 128),
      a3 = v128.load(s, 192);
    let a4 = v128.load(s, 256),
      a5 = v128.load(s, 320),
      a6 = v128.load(s, 384),
      a7 = v128.load(s, 448);
    Transpose.half(Zip.low<i8>(a0, a4), Zip.low<i8>(a1, a5), Zip.low<i8>(a2, a6), Zip.low<i8>(a3, a7), d, stride);
    Transpose.half(Zip.high<i8>(a0, a4), Zip.high<i8>(a1, a5), Zip.high<i8>(a2, a6), Zip.high<i8>(a3, a7), d + 8 * stride, stride);
  }
  /** Eight images: a = channels 0 and 4 in turn, b = 1 and 5, c = 2 and 6, e = 3 and 7. */
  @inline static half(a: v128, b: v128, c: v128, e: v128, d: usize, stride: usize): void {
    let even0 = Zip.low<i8>(a, c),
      even1 = Zip.high<i8>(a, c),
      odd0 = Zip.low<i8>(b, e),
      odd1 = Zip.high<i8>(b, e);
    Transpose.pair(Zip.low<i8>(even0, odd0), d, stride);
    Transpose.pair(Zip.high<i8>(even0, odd0), d + 2 * stride, stride);
    Transpose.pair(Zip.low<i8>(even1, odd1), d + 4 * stride, stride);
    Transpose.pair(Zip.high<i8>(even1, odd1), d + 6 * stride, stride);
  }
  /** Two images. */
  @inline static pair(v: v128, d: usize, stride: usize): void {
    v128.store64_lane(d, v, 0);
    v128.store64_lane(d + stride, v, 1);
  }
  /** 8 channels x 8 images of i16 at s (channels 128 bytes apart) to d (images 64 bytes apart). */
  @inline static i16(s: usize, d: usize): void {
    let a0 = v128.load(s),
      a1 = v128.load(s, 128),
      a2 = v128.load(s, 256),
      a3 = v128.load(s, 384);
    let a4 = v128.load(s, 512),
      a5 = v128.load(s, 640),
      a6 = v128.load(s, 768),
      a7 = v128.load(s, 896);
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
  @inline static f32(s: usize, d: usize): void {
    let a0 = v128.load(s),
      a1 = v128.load(s, 256),
      a2 = v128.load(s, 512),
      a3 = v128.load(s, 768);
    let b0 = Zip.low<f32>(a0, a2),
      b1 = Zip.high<f32>(a0, a2),
      b2 = Zip.low<f32>(a1, a3),
      b3 = Zip.high<f32>(a1, a3);
    v128.store(d, Zip.low<f32>(b0, b2));
    v128.store(d, Zip.high<f32>(b0, b2), 64);
    v128.store(d, Zip.low<f32>(b1, b3), 128);
    v128.store(d, Zip.high<f32>(b1, b3), 192);
  }
}

/**
 * Transposes n rows (channels) of 64 images of T at s to d [tile][64 images][L], L = stride / sizeof<T>(), tiles `tileBytes` apart. n is a multiple of
 * 8, for f32 of 4; the stride of i16 and f32 is 64.
 */
export function transpose<T>(s: usize, d: usize, stride: usize, tileBytes: usize, n: usize): void {
  const lanes = stride / sizeof<T>();
  const images: usize = sizeof<T>() == 1 ? 16 : sizeof<T>() == 2 ? 8 : 4;
  for (let c: usize = 0; c < n; c += sizeof<T>() == 4 ? 4 : 8) {
    const to = d + (c / lanes) * tileBytes + (c % lanes) * sizeof<T>();
    for (let v: usize = 0; v < 64; v += images) {
      const from = s + (c * 64 + v) * sizeof<T>();
      if (sizeof<T>() == 1) Transpose.bytes(from, to + v * stride, stride);
      else if (sizeof<T>() == 2) Transpose.i16(from, to + (v << 6));
      else Transpose.f32(from, to + (v << 6));
    }
  }
}
