// The gradient of a block's input behind a float product: f32, of the map before the pool if there is one. Formulas and layouts: lib/block.

import { Gradient, TILE } from '../lib/block';

/** Where the gradient before a pool goes: the pool's geometry, as i32 in this order; size 1, stride 1 and argmax 0 if there is no pool. */
@unmanaged
class PoolShape {
  groups: i32;
  height: i32; // of the map before the pool
  width: i32;
  channels: i32;
  size: i32;
  stride: i32;
}

/**
 * dx of a float product's output, before the pool if there is one (zero everywhere but at the argmax): out f32 [G][H][W][C][64]. x f32, argmax
 * u8 [G][P][C][64] or 0, P = positions after the pool, mask u32 [G][64]. Overlapping windows are not supported. Item = (tile of 32 channels) * G + group.
 */
function realGradient<T>(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  out: usize,
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
  const covered = outHeight * stride == shape.height && outWidth * stride == width && size == stride;
  for (let item = begin; item < end; item++) {
    const group = item % groups;
    const c0 = (item / groups) * TILE;
    const n = min(TILE, channels - c0);
    const rows = out + ((<usize>(group * positions) * <usize>channels + <usize>c0) << 8);
    const m = mask + ((<usize>group) << 8);
    const perImage = scale + ((<usize>group) << 8);
    if (!covered) for (let p = 0; p < positions; p++) memory.fill(rows + ((<usize>p * <usize>channels) << 8), 0, (<usize>n) << 8);
    for (let oy = 0; oy < outHeight; oy++) {
      for (let ox = 0; ox < outWidth; ox++) {
        const o = <usize>((group * outHeight + oy) * outWidth + ox) * <usize>channels + <usize>c0;
        for (let c: usize = 0; c < <usize>n; c++) {
          const q = parameters + ((<usize>c0 + c) << 6);
          const gr = g + (o + c) * (64 * sizeof<T>());
          const xr = x + ((o + c) << 8);
          const a = scratch + (c << 8);
          const k0 = v128.load32_splat(q);
          const kb = v128.load32_splat(q, 4);
          const slope = v128.load32_splat(q, 8);
          const limit = v128.load32_splat(q, 12);
          const s0 = v128.load32_splat(q, 16);
          const s1 = v128.load32_splat(q, 20);
          const k1 = v128.load32_splat(q, 24);
          const k2 = v128.load32_splat(q, 28);
          const k3 = v128.load32_splat(q, 32);
          for (let v: usize = 0; v < 64; v += 4)
            v128.store(a + (v << 2), Gradient.dx<f32, T>(gr, xr, v, perImage, m, k0, kb, slope, limit, s0, s1, k1, k2, k3));
        }
        for (let ky = 0, k = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++, k++) {
            const to = rows + ((<usize>((oy * stride + ky) * width + ox * stride + kx) * <usize>channels) << 8);
            if (argmax == 0) memory.copy(to, scratch, (<usize>n) << 8);
            else unpool(scratch, to, argmax + (o << 6), k, n);
          }
        }
      }
    }
  }
}

/** n rows of 64 images of f32 at s to d: those whose argmax is k, else 0. */
function unpool(s: usize, d: usize, argmax: usize, k: i32, n: i32): void {
  const own = i32x4.splat(k);
  for (let end = s + ((<usize>n) << 8); s < end; s += 16, d += 16, argmax += 4) {
    const place = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(argmax)));
    v128.store(d, v128.and(v128.load(s), i32x4.eq(place, own)));
  }
}

// ---- exports: <x><gradient>_<result>

export function block_dx_f32i16_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  out: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  realGradient<i16>(scratch, g, scale, x, parameters, argmax, mask, out, changetype<PoolShape>(shape), begin, end);
}
export function block_dx_f32f32_f32(
  scratch: usize,
  g: usize,
  scale: usize,
  x: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  out: usize,
  shape: usize,
  begin: i32,
  end: i32,
): void {
  realGradient<f32>(scratch, g, scale, x, parameters, argmax, mask, out, changetype<PoolShape>(shape), begin, end);
}
