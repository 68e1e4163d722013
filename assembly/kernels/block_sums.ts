// Reductions of a block's backward pass: sums of the gradient per channel, bounds per image. Formulas and layouts: lib/block.

import { Gradient, Lanes, TILE } from '../lib/block';
import { Wide } from '../lib/wide';

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
            let value = Lanes.f32<X>(xr, v);
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
          v128.store(s, f64x2.add(v128.load(s), Wide.sum(sum)));
          v128.store(s, f64x2.add(v128.load(s, 16), Wide.sum(product)), 16);
          v128.store(s, f64x2.add(v128.load(s, 32), Wide.sum(dslope)), 32);
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
