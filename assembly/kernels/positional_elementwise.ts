// Passes over the planes of one image: affine, activations and signs. x, y planes [channels][stride bytes], `positions` values each.
// Item = 64 channels. The tail of a plane goes value by value: maps of 1x1 are dense vectors (stride = size of a value), so a vector
// store would run into the next channel.

abstract class Bits {
  /** i8 ±1 from four masks of i32 lanes: -1 where set. */
  @inline static of(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.or(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)), i8x16.splat(1));
  }
}

/** y = f32(f32(scale x) + shift); scale, shift f32 [channels]. T = i16 or f32. */
function affine<T>(
  x: usize,
  y: usize,
  scale: usize,
  shift: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let c = <usize>(begin << 6), stop = <usize>min(channels, end << 6); c < stop; c++) {
    const from = x + c * xStride;
    const to = y + c * yStride;
    const a = load<f32>(scale + (c << 2));
    const b = load<f32>(shift + (c << 2));
    const va = f32x4.splat(a);
    const vb = f32x4.splat(b);
    let p: usize = 0;
    for (; p + 4 <= <usize>positions; p += 4) {
      let v = isFloat<T>() ? v128.load(from + (p << 2)) : f32x4.convert_i32x4_s(v128.load_ext<i16>(from + (p << 1)));
      v128.store(to + (p << 2), f32x4.add(f32x4.mul(va, v), vb));
    }
    for (; p < <usize>positions; p++) store<f32>(to + (p << 2), a * <f32>load<T>(from + p * sizeof<T>()) + b);
  }
}

export function affine_i16_f32(
  scratch: usize,
  x: usize,
  y: usize,
  scale: usize,
  shift: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  affine<i16>(x, y, scale, shift, xStride, yStride, positions, channels, begin, end);
}

export function affine_f32_f32(
  scratch: usize,
  x: usize,
  y: usize,
  scale: usize,
  shift: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  affine<f32>(x, y, scale, shift, xStride, yStride, positions, channels, begin, end);
}

/** y = x < 0 ? f32(slope x) : x; slope f32 [channels]. */
export function prelu_f32_f32(
  scratch: usize,
  x: usize,
  y: usize,
  slope: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  for (let c = <usize>(begin << 6), stop = <usize>min(channels, end << 6); c < stop; c++) {
    const from = x + c * xStride;
    const to = y + c * yStride;
    const s = load<f32>(slope + (c << 2));
    const vs = f32x4.splat(s);
    let p: usize = 0;
    for (; p + 4 <= <usize>positions; p += 4) {
      let v = v128.load(from + (p << 2));
      v128.store(to + (p << 2), v128.bitselect(f32x4.mul(vs, v), v, f32x4.lt(v, zero)));
    }
    for (; p < <usize>positions; p++) {
      let v = load<f32>(from + (p << 2));
      store<f32>(to + (p << 2), v < 0 ? s * v : v);
    }
  }
}

/** y = min(max(x, low), high), of floor(x) where whole is not 0; bounds f32 [3]: low, high, whole. */
export function clamp_f32_f32(
  scratch: usize,
  x: usize,
  y: usize,
  bounds: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const low = v128.load32_splat(bounds);
  const high = v128.load32_splat(bounds, 4);
  const whole = load<f32>(bounds, 8) != 0;
  for (let c = <usize>(begin << 6), stop = <usize>min(channels, end << 6); c < stop; c++) {
    const from = x + c * xStride;
    const to = y + c * yStride;
    for (let p: usize = 0; p < <usize>positions; p += 4) {
      const q = p << 2;
      // The last positions of a plane one by one, in the same lanes.
      const rest = <usize>positions - p;
      let v = rest < 4 ? v128.load32_zero(from + q) : v128.load(from + q);
      if (whole) v = f32x4.floor(v);
      v = f32x4.min(f32x4.max(v, low), high);
      if (rest >= 4) v128.store(to + q, v);
      else {
        v128.store32_lane(to + q, v, 0);
        p -= 3;
      }
    }
  }
}

/** y i8 = x < 0 ? -1 : +1, hence +1 for 0, -0 and NaN. */
export function sign_f32_i8(
  scratch: usize,
  x: usize,
  y: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const zero = f32x4.splat(0);
  for (let c = <usize>(begin << 6), stop = <usize>min(channels, end << 6); c < stop; c++) {
    const from = x + c * xStride;
    const to = y + c * yStride;
    let p: usize = 0;
    for (; p + 16 <= <usize>positions; p += 16) {
      let q = from + (p << 2);
      let a = f32x4.lt(v128.load(q), zero),
        b = f32x4.lt(v128.load(q, 16), zero),
        d = f32x4.lt(v128.load(q, 32), zero),
        e = f32x4.lt(v128.load(q, 48), zero);
      v128.store(to + p, Bits.of(a, b, d, e));
    }
    for (; p < <usize>positions; p++) store<i8>(to + p, load<f32>(from + (p << 2)) < 0 ? -1 : 1);
  }
}

/** y i8 = (x < t) xor flip ? -1 : +1; x i16, t i16 [channels], flip u8 [channels], 0 or 1. */
export function threshold_i16_i8(
  scratch: usize,
  x: usize,
  y: usize,
  threshold: usize,
  flip: usize,
  xStride: usize,
  yStride: usize,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  const one = i8x16.splat(1);
  for (let c = <usize>(begin << 6), stop = <usize>min(channels, end << 6); c < stop; c++) {
    const from = x + c * xStride;
    const to = y + c * yStride;
    const t = load<i16>(threshold + (c << 1));
    const f = -(<i32>load<u8>(flip + c));
    const vt = i16x8.splat(t);
    const vf = i8x16.splat(<i8>f);
    let p: usize = 0;
    for (; p + 16 <= <usize>positions; p += 16) {
      let a = i16x8.lt_s(v128.load(from + (p << 1)), vt),
        b = i16x8.lt_s(v128.load(from + (p << 1), 16), vt);
      v128.store(to + p, v128.or(v128.xor(i8x16.narrow_i16x8_s(a, b), vf), one));
    }
    for (; p < <usize>positions; p++) store<i8>(to + p, ((load<i16>(from + (p << 1)) < t ? -1 : 0) ^ f) | 1);
  }
}
