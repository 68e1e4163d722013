// Max pool of one image, without padding: x, y planes [channels][stride bytes].
//
//   y[oy][ox] = max over ky, kx < size of x[oy * stride + ky][ox * stride + kx],      OH = floor((H - size) / stride) + 1
//
// Of equal values the first in row-major order wins, which shows for -0 and +0: best = best < x ? x : best.
// Item = one channel. Windows of 2x2 without overlap go 8 (i16) or 4 (f32) at a time; the last of a row may write up to 7 values too many:
// the next row overwrites them, and planes end with at least 64 spare bytes.

abstract class Pool {
  /** f32 lanes: a where neither is greater. */
  @inline static first(a: v128, b: v128): v128 {
    return f32x4.pmax(a, b);
  }
  @inline static even<T>(a: v128, b: v128): v128 {
    return isFloat<T>() ? v128.shuffle<f32>(a, b, 0, 2, 4, 6) : v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  }
  @inline static odd<T>(a: v128, b: v128): v128 {
    return isFloat<T>() ? v128.shuffle<f32>(a, b, 1, 3, 5, 7) : v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
  }
}

function maxPool<T>(
  x: usize,
  y: usize,
  xStride: usize,
  yStride: usize,
  height: i32,
  width: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  const outHeight = (height - size) / stride + 1;
  const row = <usize>width * sizeof<T>();
  const outRow = <usize>((width - size) / stride + 1) * sizeof<T>();
  const step = <usize>stride * sizeof<T>();
  const pairs = size == 2 && stride == 2;
  // Never so; but V8 11 computes quotients that only a loop uses again in every round of it.
  if (outHeight < 1 || outRow < 1) return;
  for (let c = begin; c < end; c++) {
    let from = x + <usize>c * xStride;
    let out = y + <usize>c * yStride;
    for (let oy = 0; oy < outHeight; oy++, out += outRow, from += <usize>stride * row) {
      if (pairs) {
        let v: usize = 0;
        do {
          let p = from + (v << 1);
          let a0 = v128.load(p),
            a1 = v128.load(p, 16),
            b0 = v128.load(p + row),
            b1 = v128.load(p + row, 16);
          if (isFloat<T>()) {
            let best = Pool.first(Pool.even<T>(a0, a1), Pool.odd<T>(a0, a1));
            v128.store(out + v, Pool.first(Pool.first(best, Pool.even<T>(b0, b1)), Pool.odd<T>(b0, b1)));
          } else {
            a0 = i16x8.max_s(a0, b0);
            a1 = i16x8.max_s(a1, b1);
            v128.store(out + v, i16x8.max_s(Pool.even<T>(a0, a1), Pool.odd<T>(a0, a1)));
          }
          v += 16;
        } while (v < outRow);
        continue;
      }
      let corner = from;
      for (let v: usize = 0; v < outRow; v += sizeof<T>(), corner += step) {
        let best = load<T>(corner);
        for (let ky = 0, p = corner; ky < size; ky++, p += row) {
          for (let kx = 0; kx < size; kx++) {
            let value = load<T>(p + <usize>kx * sizeof<T>());
            if (best < value) best = value;
          }
        }
        store<T>(out + v, best);
      }
    }
  }
}

export function max_pool2d_i16(
  scratch: usize,
  x: usize,
  y: usize,
  xStride: usize,
  yStride: usize,
  height: i32,
  width: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  maxPool<i16>(x, y, xStride, yStride, height, width, size, stride, begin, end);
}

export function max_pool2d_f32(
  scratch: usize,
  x: usize,
  y: usize,
  xStride: usize,
  yStride: usize,
  height: i32,
  width: i32,
  size: i32,
  stride: i32,
  begin: i32,
  end: i32,
): void {
  maxPool<f32>(x, y, xStride, yStride, height, width, size, stride, begin, end);
}
