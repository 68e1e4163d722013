// The weight gradient of a shallow f32 product straight from the block behind it: dY is never stored.
//
//   dw[c][k] = sum over positions o and images of dy[o][c] patch[o][k]          patch: rows of x under the window (product_f32)
//
// A few positions of 16 channels are computed in scratch memory, and multiplied with their patches at once. Formulas and layouts of the
// block: lib/block.

import { Gradient } from '../lib/block';
import { Wide } from '../lib/wide';
import { ConvShape } from './conv2d_lookup';
import { Patch, SEGMENT, Tile } from './product_f32';

/** Rows behind the pool and channels in a work item. */
const BAND: i32 = 8;
const TILE: i32 = 16;
/** Largest filter. */
const WEIGHTS: i32 = 128;

/** In memory: V8 builds a splat anew at every use. */
const ONE = memory.data<f32>([1]);

/** One channel at one position, 64 images. The constants are loaded into locals, since the stores keep V8 from hoisting their loads. */
abstract class Row {
  /** out = du; adds to sums f64 [2] of du, du y and dslope, and to the i32 [4] of images beyond ±1. */
  static du<T>(g: usize, scale: usize, y: usize, q: usize, mask: usize, out: usize, sums: usize): void {
    const one = v128.load32_splat(ONE);
    const zero = f32x4.splat(0);
    const a = v128.load32_splat(q);
    const b = v128.load32_splat(q, 4);
    const bend = v128.xor(v128.load32_splat(q, 8), one);
    const limit = v128.load32_splat(q, 12);
    const s0 = v128.load32_splat(q, 16);
    const s1 = v128.load32_splat(q, 20);
    let sum = zero,
      product = zero,
      dslope = zero;
    let beyond = v128.load(sums, 48);
    for (let v: usize = 0; v < 64; v += 4) {
      let i = v << 2;
      let value = v128.load(y + i);
      let u = f32x4.add(f32x4.mul(a, value), b);
      let negative = f32x4.lt(u, zero);
      let bent = v128.xor(one, v128.and(negative, bend)); // u < 0 ? slope : 1
      let size = f32x4.abs(f32x4.mul(bent, u));
      let factor = f32x4.pmax(f32x4.sub(s0, f32x4.mul(s1, size)), zero);
      let dw = v128.and(f32x4.mul(Gradient.g<T>(g, v, scale), factor), f32x4.le(size, limit));
      let du = f32x4.mul(bent, dw);
      v128.store(out + i, du);
      sum = f32x4.add(sum, du);
      product = f32x4.add(product, f32x4.mul(du, value));
      dslope = f32x4.add(dslope, v128.and(negative, f32x4.mul(dw, u)));
      beyond = i32x4.sub(beyond, v128.and(v128.load(mask + i), f32x4.gt(size, one)));
    }
    v128.store(sums, f64x2.add(v128.load(sums), Wide.sum(sum)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), Wide.sum(product)), 16);
    v128.store(sums, f64x2.add(v128.load(sums, 32), Wide.sum(dslope)), 32);
    v128.store(sums, beyond, 48);
  }

  /** out = k1 du + k2 y + k3, 0 for images that do not count. */
  static dx<T>(g: usize, scale: usize, y: usize, q: usize, mask: usize, out: usize): void {
    const one = v128.load32_splat(ONE);
    const zero = f32x4.splat(0);
    const a = v128.load32_splat(q);
    const b = v128.load32_splat(q, 4);
    const bend = v128.xor(v128.load32_splat(q, 8), one);
    const limit = v128.load32_splat(q, 12);
    const s0 = v128.load32_splat(q, 16);
    const s1 = v128.load32_splat(q, 20);
    const k1 = v128.load32_splat(q, 24);
    const k2 = v128.load32_splat(q, 28);
    const k3 = v128.load32_splat(q, 32);
    for (let v: usize = 0; v < 64; v += 4) {
      let i = v << 2;
      let value = v128.load(y + i);
      let u = f32x4.add(f32x4.mul(a, value), b);
      let bent = v128.xor(one, v128.and(f32x4.lt(u, zero), bend));
      let size = f32x4.abs(f32x4.mul(bent, u));
      let factor = f32x4.pmax(f32x4.sub(s0, f32x4.mul(s1, size)), zero);
      let dw = v128.and(f32x4.mul(Gradient.g<T>(g, v, scale), factor), f32x4.le(size, limit));
      let dx = f32x4.add(f32x4.add(f32x4.mul(k1, f32x4.mul(bent, dw)), f32x4.mul(k2, value)), k3);
      v128.store(out + i, v128.and(v128.load(mask + i), dx));
    }
  }

  /** out = the images of `row` whose argmax is k, else 0. */
  static unpool(row: usize, place: usize, k: i32, out: usize): void {
    const index = i8x16.splat(<i8>k);
    for (let v: usize = 0; v < 64; v += 16) {
      let here = i8x16.eq(v128.load(place + v), index);
      let low = i16x8.extend_low_i8x16_s(here);
      let high = i16x8.extend_high_i8x16_s(here);
      let i = v << 2;
      v128.store(out + i, v128.and(v128.load(row + i), i32x4.extend_low_i16x8_s(low)));
      v128.store(out + i, v128.and(v128.load(row + i, 16), i32x4.extend_high_i16x8_s(low)), 16);
      v128.store(out + i, v128.and(v128.load(row + i, 32), i32x4.extend_low_i16x8_s(high)), 32);
      v128.store(out + i, v128.and(v128.load(row + i, 48), i32x4.extend_high_i16x8_s(high)), 48);
    }
  }
}

function blockWeightGradient<T>(
  scratch: usize,
  g: usize,
  scale: usize,
  y: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  x: usize,
  parts: usize,
  sums: usize,
  s: ConvShape,
  size: i32,
  begin: i32,
  end: i32,
): void {
  const K = s.kernelHeight * s.kernelWidth * s.cin;
  const height = s.outHeight / size;
  const width = s.outWidth / size;
  const places = size * size;
  const tiles = (s.cout + TILE - 1) / TILE;
  const map = (<usize>(s.height * s.width) * <usize>s.cin) << 8;
  const segment = scratch + TILE * WEIGHTS * 16;
  const rows = segment + SEGMENT * TILE * 256;
  const addresses = rows + SEGMENT * WEIGHTS * 4;
  const zero = addresses + 64;
  const reductions = zero + 256;
  const pooled = reductions + TILE * 64;
  memory.fill(zero, 0, 256);
  memory.fill(segment, 0, SEGMENT * TILE * 256); // channels behind the last one are summed up, too: no denormals
  for (let j: usize = 0; j < <usize>SEGMENT; j++) store<u32>(addresses + (j << 2), <u32>(segment + j * (TILE * 256)));
  for (let item = begin; item < end; item++) {
    const band = item / tiles;
    const c0 = (item % tiles) * TILE;
    const n = min(TILE, s.cout - c0);
    const q = parameters + ((<usize>c0) << 6);
    memory.fill(reductions, 0, TILE * 64);
    let first = true;
    let j: usize = 0;
    for (let r = band * BAND; r < min(s.groups * height, band * BAND + BAND); r++) {
      const group = r / height;
      const oy = r - group * height;
      const m = mask + ((<usize>group) << 8);
      const perImage = scale + ((<usize>group) << 8);
      const from = x + <usize>group * map;
      for (let ox = 0; ox < width; ox++) {
        const o = <usize>(r * width + ox) * <usize>s.cout + <usize>c0;
        const gr = g + o * (64 * sizeof<T>());
        const yr = y + (o << 8);
        for (let k = 0; k < places; k++) {
          const to = segment + j * (TILE * 256);
          if (places == 1) {
            for (let c: usize = 0; c < <usize>n; c++) {
              if (sums != 0)
                Row.du<T>(gr + c * (64 * sizeof<T>()), perImage, yr + (c << 8), q + (c << 6), m, to + (c << 8), reductions + (c << 6));
              else Row.dx<T>(gr + c * (64 * sizeof<T>()), perImage, yr + (c << 8), q + (c << 6), m, to + (c << 8));
            }
          } else {
            if (k == 0)
              for (let c: usize = 0; c < <usize>n; c++)
                Row.dx<T>(gr + c * (64 * sizeof<T>()), perImage, yr + (c << 8), q + (c << 6), m, pooled + (c << 8));
            for (let c: usize = 0; c < <usize>n; c++) Row.unpool(pooled + (c << 8), argmax + ((o + c) << 6), k, to + (c << 8));
          }
          const row = rows + j * (WEIGHTS * 4);
          Patch.rows(row, from, zero, s, oy * size + k / size, ox * size + (k % size), 0, K);
          if (++j == <usize>SEGMENT) {
            Tile.dot(addresses, rows, WEIGHTS * 4, scratch, n, K, SEGMENT, first);
            first = false;
            j = 0;
          }
        }
      }
    }
    if (j > 0) Tile.dot(addresses, rows, WEIGHTS * 4, scratch, n, K, <i32>j, first);
    Tile.writeSums(scratch, parts + ((<usize>(band * s.cout + c0) * <usize>K) << 2), (<usize>K) << 2, n, K);
    if (sums != 0) {
      let out = sums + ((<usize>(band * s.cout + c0)) << 5);
      for (let t = reductions, stop = reductions + ((<usize>n) << 6); t < stop; t += 64, out += 32) {
        store<f64>(out, load<f64>(t) + load<f64>(t, 8));
        store<f64>(out, load<f64>(t, 16) + load<f64>(t, 24), 8);
        store<f64>(out, load<f64>(t, 32) + load<f64>(t, 40), 16);
        store<f64>(out, <f64>(load<u32>(t, 48) + load<u32>(t, 52) + load<u32>(t, 56) + load<u32>(t, 60)), 24);
      }
    }
  }
}

export function conv2d_block_dw_f32i16(
  scratch: usize,
  g: usize,
  scale: usize,
  y: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  x: usize,
  parts: usize,
  sums: usize,
  shape: usize,
  size: i32,
  begin: i32,
  end: i32,
): void {
  blockWeightGradient<i16>(scratch, g, scale, y, parameters, argmax, mask, x, parts, sums, changetype<ConvShape>(shape), size, begin, end);
}

export function conv2d_block_dw_f32f32(
  scratch: usize,
  g: usize,
  scale: usize,
  y: usize,
  parameters: usize,
  argmax: usize,
  mask: usize,
  x: usize,
  parts: usize,
  sums: usize,
  shape: usize,
  size: i32,
  begin: i32,
  end: i32,
): void {
  blockWeightGradient<f32>(scratch, g, scale, y, parameters, argmax, mask, x, parts, sums, changetype<ConvShape>(shape), size, begin, end);
}
