// What lies between two products, backward: through sign, activation and batch norm to the gradient of the product's output.
//
//   u = a x + b,  w = u < 0 ? slope u : u,  v = clamp(w, -limit, limit)          as in block_forward
//   dv = g max(0, s0 - s1 |v|)            sign: ApproxSign has s0 = s1 = 2 (Liu et al., Bi-Real Net, ECCV 2018); no sign: s0 = 1, s1 = 0
//   dw = dv where |w| <= limit, else 0
//   du = dw (u < 0 ? slope : 1)
//   dx = k1 du + k2 x + k3                k1 = a; k2, k3 from sum du and sum du x (batch norm), else 0
//
// x [G][P][C][64], i16 or f32. g, the gradient of the result, is f32, or i16 with one scale per image. Parameters: 64 bytes per channel,
// f32 a, b, slope, limit, s0, s1, k1, k2, k3, inverse scale of the dW copy.

const TILE: i32 = 32;
const MAGIC = memory.data<f32>([12582912]); // 1.5 * 2^23: adding it rounds to an integer in the low bits of the float

/** Noise tile: f32 numbers in [-1/2, 1/2), this many and 64 more. */
const NOISE: u32 = 4096;

abstract class Gradient {
  @inline static x<T>(x: usize, v: usize): v128 {
    return isFloat<T>() ? v128.load(x + (v << 2)) : f32x4.convert_i32x4_s(v128.load16x4_s(x + (v << 1)));
  }
  /** Four values of g; scale f32 [64] per image for i16. */
  @inline static g<T>(g: usize, v: usize, scale: usize): v128 {
    return isFloat<T>()
      ? v128.load(g + (v << 2))
      : f32x4.mul(f32x4.convert_i32x4_s(v128.load16x4_s(g + (v << 1))), v128.load(scale + (v << 2)));
  }
  /** dw from g and w. pmin and pmax are one instruction on x86, min and max about eight. */
  @inline static dw(g: v128, w: v128, limit: v128, s0: v128, s1: v128): v128 {
    let size = f32x4.abs(w);
    let factor = f32x4.pmax(f32x4.sub(s0, f32x4.mul(s1, f32x4.pmin(size, limit))), f32x4.splat(0));
    return v128.and(f32x4.mul(g, factor), f32x4.le(size, limit));
  }
  /** Sum of the four lanes, in f64. */
  @inline static widen(v: v128): v128 {
    return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 0, 1)));
  }
}

/**
 * Reductions. sums f64 [C][4] = sum du, sum du x, sum dslope (dw u where u < 0), max |du|. images f32 [tile][G][64] = max |k1 du| of
 * the tile's channels, per image. dead u32 [C]: values with |w| > 1 of images that count (mask u32 [G][64]), which a sign's surrogate does not reach.
 * Item = tile of 32 channels; sums run in order of group, position and image, in f64 from row to row.
 */
function blockSums<X, T>(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  sums: usize,
  images: usize,
  dead: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let item = begin; item < end; item++) {
    const c0 = item * TILE;
    const n = min(TILE, channels - c0);
    memory.fill(scratch, 0, (<usize>n) << 7);
    memory.fill(images + <usize>((item * groups) << 8), 0, (<usize>groups) << 8);
    for (let group = 0; group < groups; group++) {
      const perImage = scale + ((<usize>group) << 8);
      const m = mask + ((<usize>group) << 8);
      const image = images + ((<usize>(item * groups + group)) << 8);
      for (let p = 0; p < positions; p++) {
        let o = <usize>(group * positions + p) * <usize>channels + <usize>c0;
        let gr = g + o * (64 * sizeof<T>());
        let xr = x + o * (64 * sizeof<X>());
        let q = parameters + ((<usize>c0) << 6);
        for (let s = scratch, stop = scratch + ((<usize>n) << 7); s < stop; s += 128, q += 64) {
          // Constants once into locals: the stores below keep V8 from hoisting the loads.
          let a = v128.load32_splat(q);
          let b = v128.load32_splat(q, 4);
          let slope = v128.load32_splat(q, 8);
          let limit = v128.load32_splat(q, 12);
          let s0 = v128.load32_splat(q, 16);
          let s1 = v128.load32_splat(q, 20);
          let k1 = f32x4.abs(v128.load32_splat(q, 24));
          let sum = f32x4.splat(0);
          let product = sum;
          let dslope = sum;
          let largest = v128.load(s, 64);
          let beyond = v128.load(s, 80);
          for (let v: usize = 0; v < 64; v += 4) {
            let value = Gradient.x<X>(xr, v);
            let u = f32x4.add(f32x4.mul(a, value), b);
            let negative = f32x4.lt(u, f32x4.splat(0));
            let w = v128.bitselect(f32x4.mul(slope, u), u, negative);
            let dw = Gradient.dw(Gradient.g<T>(gr, v, perImage), w, limit, s0, s1);
            let du = v128.bitselect(f32x4.mul(slope, dw), dw, negative);
            sum = f32x4.add(sum, du);
            product = f32x4.add(product, f32x4.mul(du, value));
            dslope = f32x4.add(dslope, v128.and(negative, f32x4.mul(dw, u)));
            let size = f32x4.abs(du);
            largest = f32x4.pmax(largest, size);
            beyond = i32x4.sub(beyond, v128.and(v128.load(m + (v << 2)), f32x4.gt(f32x4.abs(w), f32x4.splat(1))));
            let i = image + (v << 2);
            v128.store(i, f32x4.pmax(v128.load(i), f32x4.mul(size, k1)));
          }
          v128.store(s, f64x2.add(v128.load(s), Gradient.widen(sum)));
          v128.store(s, f64x2.add(v128.load(s, 16), Gradient.widen(product)), 16);
          v128.store(s, f64x2.add(v128.load(s, 32), Gradient.widen(dslope)), 32);
          v128.store(s, largest, 64);
          v128.store(s, beyond, 80);
          gr += 64 * sizeof<T>();
          xr += 64 * sizeof<X>();
        }
      }
    }
    for (let c = 0; c < n; c++) {
      let s = scratch + ((<usize>c) << 7);
      let out = sums + ((<usize>(c0 + c)) << 5);
      let largest = v128.load(s, 64);
      largest = f32x4.max(largest, v128.shuffle<i32>(largest, largest, 2, 3, 0, 1));
      store<f64>(out, load<f64>(s) + load<f64>(s, 8));
      store<f64>(out, load<f64>(s, 16) + load<f64>(s, 24), 8);
      store<f64>(out, load<f64>(s, 32) + load<f64>(s, 40), 16);
      store<f64>(out, <f64>max<f32>(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)), 24);
      store<u32>(dead + ((<usize>(c0 + c)) << 2), load<u32>(s, 80) + load<u32>(s, 84) + load<u32>(s, 88) + load<u32>(s, 92));
    }
  }
}

/** The constants of a channel, in locals of the caller's row. */
abstract class Result {
  @inline static dx<X, T>(
    g: usize,
    x: usize,
    v: usize,
    scale: usize,
    mask: usize,
    a: v128,
    b: v128,
    slope: v128,
    limit: v128,
    s0: v128,
    s1: v128,
    k1: v128,
    k2: v128,
    k3: v128,
  ): v128 {
    let value = Gradient.x<X>(x, v);
    let u = f32x4.add(f32x4.mul(a, value), b);
    let negative = f32x4.lt(u, f32x4.splat(0));
    let dw = Gradient.dw(Gradient.g<T>(g, v, scale), v128.bitselect(f32x4.mul(slope, u), u, negative), limit, s0, s1);
    let du = v128.bitselect(f32x4.mul(slope, dw), dw, negative);
    return v128.and(v128.load(mask + (v << 2)), f32x4.add(f32x4.add(f32x4.mul(k1, du), f32x4.mul(k2, value)), k3));
  }
}

abstract class Round {
  /** Four i32, floor(z * inverse + r) with noise = r - 1/2. |z * inverse| < 2^22. */
  @inline static four(z: v128, inverse: v128, noise: v128, magic: v128): v128 {
    return i32x4.sub(f32x4.add(f32x4.add(f32x4.mul(z, inverse), noise), magic), magic);
  }
  /** Eight i16 within ±511: clamped after rounding, since 511.00003 + .99999 floors to 512. */
  @inline static pack(low: v128, high: v128): v128 {
    return i16x8.max_s(i16x8.splat(-511), i16x8.min_s(i16x8.splat(511), i16x8.narrow_i32x4_s(low, high)));
  }
}

/** Where the pre-pool gradient goes: the pool's geometry, as i32 in this order; size 1, stride 1 and argmax 0 if there is no pool. */
@unmanaged
class PoolShape {
  groups: i32;
  height: i32; // of the map before the pool
  width: i32;
  channels: i32;
  size: i32;
  stride: i32;
}

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
function writeRows<T>(s: usize, d: usize, place: usize, k: i32, n: i32): void {
  for (let c = 0; c < n; c++) {
    Unpool.row<T>(s + <usize>c * (64 * sizeof<T>()), d + <usize>c * (64 * sizeof<T>()), place != 0 ? place + ((<usize>c) << 6) : 0, k);
  }
}

/** Transposes 32 rows (channels) of 64 images of T at s to [64 images][L] at d, the next tile of L = 64 / sizeof<T>() lanes `tileBytes` further. */
function writeTransposed<T>(s: usize, d: usize, tileBytes: usize, place: usize, k: i32, n: i32): void {
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

/**
 * dx in one or two layouts, before the pool if there is one (zero everywhere but at the argmax):
 *   out   Q [G][H][W][C][64]                      for the input gradient, one scale per image
 *   outT  Q [tile][G][H][W][64][L] or 0 (none)    for the weight gradient, one scale per channel
 * Q = i16: q = floor(dx * inverse + r), r in [0, 1), |q| <= 511; noise: the tile of r - 1/2, read at a hash of (position, channel). Q = f32: as it is.
 * inverse f32 [G][64] per image; mask u32 [G][64]; argmax u8 [G][P][C][64] or 0. P = positions after the pool. Overlapping windows are not supported.
 * Item = (tile of 32 channels) * G + group.
 */
function blockGradient<X, T, Q>(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: PoolShape,
  begin: i32,
  end: i32,
): void {
  const groups = shape.groups;
  const channels = shape.channels;
  const width = shape.width;
  const size = shape.size;
  const stride = shape.stride;
  const outHeight = (shape.height - size) / stride + 1;
  const outWidth = (width - size) / stride + 1;
  const positions = shape.height * width;
  const rowBytes: usize = 64 * sizeof<Q>();
  const lanes: i32 = 64 / sizeof<Q>();
  const tileBytes = (<usize>(groups * positions)) << 12;
  const second = scratch + 8192; // the dW copy, where it differs from the dX copy
  const covered = outHeight * stride == shape.height && outWidth * stride == width && size == stride;
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const tile = item / groups;
    const c0 = tile * TILE;
    const n = min(TILE, channels - c0);
    const rows = out + (<usize>(group * positions) * <usize>channels + <usize>c0) * rowBytes;
    const blocks = outT + ((<usize>(tile * (TILE / lanes) * groups + group) * <usize>positions) << 12);
    const m = mask + ((<usize>group) << 8);
    const perImage = scale + ((<usize>group) << 8);
    const inverseImage = inverse + ((<usize>group) << 8);
    memory.fill(scratch, 0, 16384);
    if (!covered) {
      for (let p = 0; p < positions; p++) memory.fill(rows + <usize>p * <usize>channels * rowBytes, 0, <usize>n * rowBytes);
      if (outT != 0) for (let l = 0; l * lanes < n; l++) memory.fill(blocks + <usize>l * tileBytes, 0, (<usize>positions) << 12);
    }
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const o = <usize>((group * outHeight + oy) * outWidth + ox) * <usize>channels + <usize>c0;
        for (let c: usize = 0; c < <usize>n; c++) {
          const q = parameters + ((<usize>c0 + c) << 6);
          const gr = g + (o + c) * (64 * sizeof<T>());
          const xr = x + (o + c) * (64 * sizeof<X>());
          const a = scratch + c * rowBytes;
          const k0 = v128.load32_splat(q);
          const kb = v128.load32_splat(q, 4);
          const slope = v128.load32_splat(q, 8);
          const limit = v128.load32_splat(q, 12);
          const s0 = v128.load32_splat(q, 16);
          const s1 = v128.load32_splat(q, 20);
          const k1 = v128.load32_splat(q, 24);
          const k2 = v128.load32_splat(q, 28);
          const k3 = v128.load32_splat(q, 32);
          if (sizeof<Q>() == 4) {
            for (let v: usize = 0; v < 64; v += 4)
              v128.store(a + (v << 2), Result.dx<X, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3));
          } else {
            const hash = <u32>(o + c) * 2654435761;
            const r = noise + ((<usize>((hash >> 20) & (NOISE - 1))) << 2);
            const b = second + c * rowBytes;
            const magic = v128.load32_splat(MAGIC);
            for (let v: usize = 0; v < 64; v += 8) {
              let i = v << 2;
              let z0 = Result.dx<X, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
              let z1 = Result.dx<X, T>(gr, xr, v + 4, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3);
              let r0 = v128.load(r + i);
              let r1 = v128.load(r + i, 16);
              v128.store(
                a + (v << 1),
                Round.pack(
                  Round.four(z0, v128.load(inverseImage + i), r0, magic),
                  Round.four(z1, v128.load(inverseImage + i, 16), r1, magic),
                ),
              );
              let w = v128.load32_splat(q, 36);
              v128.store(b + (v << 1), Round.pack(Round.four(z0, w, r0, magic), Round.four(z1, w, r1, magic)));
            }
          }
        }
        for (let ky = 0, k = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++, k++) {
            const p = <usize>((oy * stride + ky) * width + ox * stride + kx);
            const place = argmax != 0 ? argmax + (o << 6) : 0;
            writeRows<Q>(scratch, rows + p * <usize>channels * rowBytes, place, k, n);
            if (outT != 0) writeTransposed<Q>(sizeof<Q>() == 4 ? scratch : second, blocks + (p << 12), tileBytes, place, k, n);
          }
        }
      }
    }
  }
}

// ---- exports: <x><gradient>

export function block_sums_i16i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  sums: usize,
  images: usize,
  dead: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  blockSums<i16, i16>(scratch, g, scale, x, parameters, sums, images, dead, mask, groups, positions, channels, begin, end);
}
export function block_sums_i16f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  sums: usize,
  images: usize,
  dead: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  blockSums<i16, f32>(scratch, g, scale, x, parameters, sums, images, dead, mask, groups, positions, channels, begin, end);
}
export function block_sums_f32i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  sums: usize,
  images: usize,
  dead: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  blockSums<f32, i16>(scratch, g, scale, x, parameters, sums, images, dead, mask, groups, positions, channels, begin, end);
}
export function block_sums_f32f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  sums: usize,
  images: usize,
  dead: usize,
  mask: usize,
  groups: i32,
  positions: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  blockSums<f32, f32>(scratch, g, scale, x, parameters, sums, images, dead, mask, groups, positions, channels, begin, end);
}

export function block_dx_i16i16_i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  blockGradient<i16, i16, i16>(
    scratch,
    g,
    scale,
    x,
    parameters,
    argmax,
    mask,
    inverse,
    noise,
    out,
    outT,
    changetype<PoolShape>(shape),
    begin,
    end,
  );
}
export function block_dx_i16f32_i16(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  blockGradient<i16, f32, i16>(
    scratch,
    g,
    scale,
    x,
    parameters,
    argmax,
    mask,
    inverse,
    noise,
    out,
    outT,
    changetype<PoolShape>(shape),
    begin,
    end,
  );
}
export function block_dx_i16f32_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  blockGradient<i16, f32, f32>(
    scratch,
    g,
    scale,
    x,
    parameters,
    argmax,
    mask,
    inverse,
    noise,
    out,
    outT,
    changetype<PoolShape>(shape),
    begin,
    end,
  );
}
export function block_dx_f32i16_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  blockGradient<f32, i16, f32>(
    scratch,
    g,
    scale,
    x,
    parameters,
    argmax,
    mask,
    inverse,
    noise,
    out,
    outT,
    changetype<PoolShape>(shape),
    begin,
    end,
  );
}
export function block_dx_f32f32_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  inverse: usize,
  noise: usize,
  out: usize,
  outT: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  blockGradient<f32, f32, f32>(
    scratch,
    g,
    scale,
    x,
    parameters,
    argmax,
    mask,
    inverse,
    noise,
    out,
    outT,
    changetype<PoolShape>(shape),
    begin,
    end,
  );
}
