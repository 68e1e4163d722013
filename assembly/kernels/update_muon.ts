// Muon (Jordan et al., 2024) in blocks of 8, 16 or 32 output filters: the momentum's update, orthogonalised by Newton-Schulz.
//
//   v <- momentum v + g;  u = g + momentum v
//   per block, U = u as [filters][rows]:  X = U / |U|;  `iterations` times X <- p(X X^T) X;  w <- shrink w - rate rms X / rms(X)
//
// rms(X) is over the filters below cout, so spare lanes do not count. X = P(U U^T / |U|^2) U (lib/newton_schulz): one pass over the
// weights sums the Gram matrix, one applies P; rms(X) is a trace. 64 rows of the Gram matrix are summed in f32, such sums and everything
// of 32 x 32 in f64. The largest error of an update is 1e-6 of its rms for random filters; for filters that are alike but for 1 % it is
// 6e-6 after two iterations and 2e-3 after five. From eight iterations on rounding errors of A below 0 would grow without bound.
//
// g = scale * gradient. Arrays: f32 [tile][rows][32], 32 filters to a tile, rows = taps * cin. A block with too small a u (lib/momentum)
// stays as it is. Item: a tile.

import { Momentum, SMALLEST } from '../lib/momentum';
import { NewtonSchulz } from '../lib/newton_schulz';
import { Wide } from '../lib/wide';

/** Rows of u that are worked on at a time: 8 KiB. */
const CHUNK: i32 = 64;
const ROW: usize = 128;
/** Scratch: u and the update f32 [CHUNK][32]; P f32 [32][32]; then matrices f64 [32][32]. 60 KiB. */
const Y: usize = 8192;
const P: usize = 16384;
const GRAM: usize = 20480;
const POLYNOMIAL: usize = 28672;
const A: usize = 36864;
const Q: usize = 45056;
const T: usize = 53248;

abstract class Tile {
  /** gram[i][j] += sum over `count` rows of u[i] u[j], for i in four filters and j in eight. */
  static gram(u: usize, count: i32, i: usize, j: usize, gram: usize): void {
    let c00 = f32x4.splat(0),
      c01 = c00,
      c10 = c00,
      c11 = c00,
      c20 = c00,
      c21 = c00,
      c30 = c00,
      c31 = c00;
    const ahead = (j - i) << 2;
    for (let p = u + (i << 2), stop = p + <usize>count * ROW; p < stop; p += ROW) {
      let x0 = v128.load(p + ahead),
        x1 = v128.load(p + ahead, 16);
      let a = v128.load32_splat(p);
      c00 = f32x4.add(c00, f32x4.mul(a, x0));
      c01 = f32x4.add(c01, f32x4.mul(a, x1));
      a = v128.load32_splat(p, 4);
      c10 = f32x4.add(c10, f32x4.mul(a, x0));
      c11 = f32x4.add(c11, f32x4.mul(a, x1));
      a = v128.load32_splat(p, 8);
      c20 = f32x4.add(c20, f32x4.mul(a, x0));
      c21 = f32x4.add(c21, f32x4.mul(a, x1));
      a = v128.load32_splat(p, 12);
      c30 = f32x4.add(c30, f32x4.mul(a, x0));
      c31 = f32x4.add(c31, f32x4.mul(a, x1));
    }
    let o = gram + (i << 8) + (j << 3);
    Wide.add(o, c00);
    Wide.add(o + 32, c01);
    Wide.add(o + 256, c10);
    Wide.add(o + 288, c11);
    Wide.add(o + 512, c20);
    Wide.add(o + 544, c21);
    Wide.add(o + 768, c30);
    Wide.add(o + 800, c31);
  }

  /** y[row][i] = sum over j in [from, to) of p[j][i] u[row][j], for four rows and eight filters i. */
  @inline static apply(u: usize, p: usize, from: usize, to: usize, i: usize, y: usize): void {
    let c00 = f32x4.splat(0),
      c01 = c00,
      c10 = c00,
      c11 = c00,
      c20 = c00,
      c21 = c00,
      c30 = c00,
      c31 = c00;
    let q = p + from * ROW + (i << 2);
    for (let x = u + (from << 2), stop = u + (to << 2); x < stop; x += 4, q += ROW) {
      let p0 = v128.load(q),
        p1 = v128.load(q, 16);
      let a = v128.load32_splat(x);
      c00 = f32x4.add(c00, f32x4.mul(a, p0));
      c01 = f32x4.add(c01, f32x4.mul(a, p1));
      a = v128.load32_splat(x, 128);
      c10 = f32x4.add(c10, f32x4.mul(a, p0));
      c11 = f32x4.add(c11, f32x4.mul(a, p1));
      a = v128.load32_splat(x, 256);
      c20 = f32x4.add(c20, f32x4.mul(a, p0));
      c21 = f32x4.add(c21, f32x4.mul(a, p1));
      a = v128.load32_splat(x, 384);
      c30 = f32x4.add(c30, f32x4.mul(a, p0));
      c31 = f32x4.add(c31, f32x4.mul(a, p1));
    }
    let o = y + (i << 2);
    v128.store(o, c00);
    v128.store(o, c01, 16);
    v128.store(o, c10, 128);
    v128.store(o, c11, 144);
    v128.store(o, c20, 256);
    v128.store(o, c21, 272);
    v128.store(o, c30, 384);
    v128.store(o, c31, 400);
  }

  /** P of the block of `m` filters from `first` on, times the step that gives the update its size, f32 [32][32] at `scratch + P`; 0: no move. */
  static step(scratch: usize, first: usize, m: i32, used: i32, rows: i32, iterations: i32, size: f64): void {
    const gram = scratch + GRAM + first * 264;
    for (let i: usize = 0; i < <usize>m; i++)
      for (let j: usize = 0; j < i; j++) store<f64>(gram + (i << 8) + (j << 3), load<f64>(gram + (j << 8) + (i << 3)));
    const n = <f64>(used * rows);
    const square = NewtonSchulz.trace(gram, m);
    if (used <= 0 || square < n * SMALLEST) return;
    const a = scratch + A;
    const p = scratch + POLYNOMIAL;
    const t = scratch + T;
    for (let i: usize = 0; i < (<usize>m) << 8; i += 256) {
      for (let j: usize = 0; j < (<usize>m) << 3; j += 16) v128.store(a + i + j, f64x2.div(v128.load(gram + i + j), f64x2.splat(square)));
    }
    NewtonSchulz.polynomial(iterations, a, p, scratch + Q, t, m);
    NewtonSchulz.multiply(t, p, gram, m);
    const norm = NewtonSchulz.dot(t, p, m);
    const step = (size * sqrt(n * norm)) / norm; // not sqrt(n / norm): sums beyond f32 become NaN, not 0
    for (let i: usize = 0; i < <usize>m; i++) {
      const out = scratch + P + (first + i) * ROW + (first << 2);
      for (let j: usize = 0; j < <usize>m; j++) store<f32>(out + (j << 2), <f32>(step * load<f64>(p + (i << 8) + (j << 3))));
    }
  }
}

export function update_muon(
  scratch: usize,
  w: usize,
  gradient: usize,
  v: usize,
  rows: i32,
  cout: i32,
  block: i32,
  iterations: i32,
  scale: f32,
  shrink: f32,
  momentum: f32,
  rate: f32,
  rms: f32,
  begin: i32,
  end: i32,
): void {
  const gScale = f32x4.splat(scale);
  const beta = f32x4.splat(momentum);
  const m = <usize>block;
  for (let item = begin; item < end; item++) {
    const tile = <usize>item * <usize>rows * ROW;
    memory.fill(scratch + P, 0, 4096 + 8192);
    for (let row = 0; row < rows; row += CHUNK) {
      const count = min(CHUNK, rows - row);
      const o = tile + <usize>row * ROW;
      for (let i: usize = 0; i < <usize>count * ROW; i += 16)
        v128.store(scratch + i, Momentum.update(gradient + o + i, v + o + i, gScale, beta));
      for (let i: usize = 0; i < 32; i += 4)
        for (let j = i & ~7, stop = (i & ~(m - 1)) + m; j < stop; j += 8) Tile.gram(scratch, count, i, j, scratch + GRAM);
    }
    for (let first: usize = 0; first < 32; first += m)
      Tile.step(scratch, first, block, min(block, cout - (item << 5) - <i32>first), rows, iterations, <f64>rate * <f64>rms);
    for (let row = 0; row < rows; row += CHUNK) {
      const bytes = <usize>min(CHUNK, rows - row) * ROW;
      const o = tile + <usize>row * ROW;
      for (let i: usize = 0; i < bytes; i += 16) v128.store(scratch + i, Momentum.read(gradient + o + i, v + o + i, gScale, beta));
      // A last group of less than four rows is worked on with what the scratch holds behind it, and that is left out below.
      for (let i: usize = 0; i < 32; i += 8) {
        const from = i & ~(m - 1);
        for (let r: usize = 0; r < bytes; r += 4 * ROW) Tile.apply(scratch + r, scratch + P, from, from + m, i, scratch + Y + r);
      }
      for (let i: usize = 0; i < bytes; i += 16)
        v128.store(w + o + i, f32x4.sub(f32x4.mul(f32x4.splat(shrink), v128.load(w + o + i)), v128.load(scratch + Y + i)));
    }
  }
}
