// Real weights times ±1 activations, on 64 images at a time: the lookup method with its roles swapped. Tables are sums of weights, words are signs of
// activations, lanes are output channels.
//
//   y[o][c] = sum over taps k of w[c][k] x[o * stride - padding + k]        taps outside the map are skipped
//
//   x   u64 [G][H][W][ceil(cin / 64)][64 images], signs along cin (`transpose_b1`)      w   f32 [ceil(cout / 32)][tap][cin][32]
//   y   f32 [G][OH][OW][cout][64 images]
//
// A sum runs over taps, then blocks of 64 channels, then groups of terms (rowsF32), whatever the work items are. Sums of weights of ±1 are exact.
// dX is conv2d_f32f32_f32_dx with the weights of `transpose_filters`, dW is conv2d_f32b1_f32_dw with dY of `transpose_f32`.

import { Signs } from '../lib/signs';
import { transpose } from '../lib/transpose';
import { Zip } from '../lib/zip';
import { ConvShape } from './conv2d_lookup';
import { OVER_5, rowsF32, SCRATCH_FREE, Table } from './lookup';

/** Lanes of f32 in 64 bytes. */
const LANES: i32 = 16;
/** Output positions of a work item, counted through all groups: their sums are 128 KiB of scratch memory behind the tables. */
const POSITIONS: i32 = 32;
/** Bytes of 64 images times 16 channels. */
const BLOCK: usize = 4096;

abstract class Images {
  /** n <= 16 rows of 64 images at y from [64 images][16 lanes] at s. */
  static rows(s: usize, y: usize, n: i32): void {
    for (let c = 0; c < n; c += 4) {
      const from = s + ((<usize>c) << 2);
      const to = y + ((<usize>c) << 8);
      for (let v: usize = 0; v < 256; v += 16) {
        const p = from + (v << 4);
        const a0 = v128.load(p),
          a1 = v128.load(p, 64),
          a2 = v128.load(p, 128),
          a3 = v128.load(p, 192);
        const b0 = Zip.low<f32>(a0, a2),
          b1 = Zip.high<f32>(a0, a2),
          b2 = Zip.low<f32>(a1, a3),
          b3 = Zip.high<f32>(a1, a3);
        v128.store(to + v, Zip.low<f32>(b0, b2));
        if (c + 1 < n) v128.store(to + v, Zip.high<f32>(b0, b2), 256);
        if (c + 2 < n) v128.store(to + v, Zip.low<f32>(b1, b3), 512);
        if (c + 3 < n) v128.store(to + v, Zip.high<f32>(b1, b3), 768);
      }
    }
  }
}

/** Item = (tile of 16 output channels) * chunks + chunk of 32 of the G * OH * OW positions. */
export function conv2d_b1f32_f32(scratch: usize, x: usize, w: usize, y: usize, shape: usize, begin: i32, end: i32): void {
  const s = changetype<ConvShape>(shape);
  const blocks = (s.cin + 63) >> 6;
  const taps = s.kernelHeight * s.kernelWidth;
  const map = s.outHeight * s.outWidth;
  const positions = s.groups * map;
  const chunks = (positions + POSITIONS - 1) / POSITIONS;
  const sums = scratch + SCRATCH_FREE;
  for (let item = begin; item < end; item++) {
    const p0 = (item % chunks) * POSITIONS;
    const p1 = min(positions, p0 + POSITIONS);
    const tile = item / chunks;
    const c0 = tile * LANES;
    const weights = w + ((<usize>(tile >> 1) * <usize>(taps * s.cin)) << 7) + ((<usize>(tile & 1)) << 6);
    memory.fill(sums, 0, <usize>(p1 - p0) * BLOCK);
    for (let tap = 0; tap < taps; tap++) {
      const ky = tap / s.kernelWidth - s.padding;
      const kx = (tap % s.kernelWidth) - s.padding;
      for (let block = 0; block < blocks; block++) {
        const terms = weights + ((<usize>(tap * s.cin + (block << 6))) << 7);
        Table.build<f32>(scratch, terms, 128, min(64, s.cin - (block << 6)), OVER_5, 0, 0, 0);
        let to = sums;
        for (let p = p0; p < p1; p++, to += BLOCK) {
          const group = p / map;
          const o = p - group * map;
          const row = o / s.outWidth;
          const iy = row * s.stride + ky;
          const ix = (o - row * s.outWidth) * s.stride + kx;
          if (<u32>iy >= <u32>s.height || <u32>ix >= <u32>s.width) continue;
          const word = x + ((<usize>(((group * s.height + iy) * s.width + ix) * blocks + block)) << 9);
          rowsF32(scratch, word, to, 64, 64);
        }
      }
    }
    let from = sums;
    for (let p = p0; p < p1; p++, from += BLOCK) {
      Images.rows(from, y + ((<usize>p * <usize>s.cout + <usize>c0) << 8), min(LANES, s.cout - c0));
    }
  }
}

/** Signs along images, u64 [P][C], to signs along channels, u64 [P][ceil(C / 64)][64 images]; spare bits 0. Item: 64 positions. */
export function transpose_b1(scratch: usize, x: usize, y: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  const blocks = (channels + 63) >> 6;
  for (let p = begin << 6, stop = min(end << 6, positions); p < stop; p++) {
    for (let block = 0; block < blocks; block++) {
      const n = (<usize>min(64, channels - (block << 6))) << 3;
      const to = y + ((<usize>(p * blocks + block)) << 9);
      memory.copy(to, x + ((<usize>p * <usize>channels + <usize>(block << 6)) << 3), n);
      memory.fill(to + n, 0, 512 - n);
      Signs.transpose(to);
    }
  }
}

/** dY f32 [P][C][64 images] to f32 [ceil(C / 16)][P][64 images][16], spare lanes 0. Item = tile * chunks + chunk of 64 positions. */
export function transpose_f32(scratch: usize, x: usize, y: usize, positions: i32, channels: i32, begin: i32, end: i32): void {
  const chunks = (positions + 63) >> 6;
  for (let item = begin; item < end; item++) {
    const tile = item / chunks;
    const c0 = tile * LANES;
    const bytes = (<usize>min(LANES, channels - c0)) << 8;
    for (let p = (item % chunks) << 6, stop = min(positions, p + 64); p < stop; p++) {
      let from = x + ((<usize>p * <usize>channels + <usize>c0) << 8);
      if (bytes < BLOCK) {
        memory.copy(scratch, from, bytes);
        memory.fill(scratch + bytes, 0, BLOCK - bytes);
        from = scratch;
      }
      transpose<f32>(from, y + <usize>(tile * positions + p) * BLOCK, 64, 0, LANES);
    }
  }
}

/** Weights f32 [ceil(C / 32)][rows][32] to f32 [C][rows], rows = taps * cin. Item: a tile of 32 filters. */
export function transpose_filters(scratch: usize, x: usize, y: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let c = begin << 5, stop = min(end << 5, channels); c < stop; c++) {
    let from = x + ((<usize>(c >> 5) * <usize>rows) << 7) + ((<usize>(c & 31)) << 2);
    for (let to = y + ((<usize>c * <usize>rows) << 2), last = to + ((<usize>rows) << 2); to < last; to += 4, from += 128)
      store<f32>(to, load<f32>(from));
  }
}
