// From the gradient of the signs to that of the latent weights, in place: surrogates and what lies between the weights and their signs.
// Arrays: f32 [tile][rows][32], 32 filters to a tile, rows = taps * cin; a number per filter: f32 [tile][32]. Spare lanes stay 0. Item: a tile.

import { Exp } from '../lib/exp';
import { Wide } from '../lib/wide';

const ROW: usize = 128;
/** Rows that are worked on together: 8 KiB. */
const CHUNK: usize = 64 * ROW;

/** g <- g * (|w| <= limit ? inside : outside), with inside and outside per filter. */
export function gate_dw(
  scratch: usize,
  gradient: usize,
  w: usize,
  inside: usize,
  outside: usize,
  rows: i32,
  limit: f32,
  begin: i32,
  end: i32,
): void {
  const bytes = <usize>rows * ROW;
  for (let item = <usize>begin; item < <usize>end; item++) {
    const filters = item * ROW;
    for (let i = item * bytes, stop = i + bytes; i < stop; i += ROW) {
      for (let lane: usize = 0; lane < ROW; lane += 16) {
        const passes = f32x4.le(f32x4.abs(v128.load(w + i + lane)), f32x4.splat(limit));
        const factor = v128.bitselect(v128.load(inside + filters + lane), v128.load(outside + filters + lane), passes);
        v128.store(gradient + i + lane, f32x4.mul(v128.load(gradient + i + lane), factor));
      }
    }
  }
}

/** Surrogates of the standardised weight y: what the gradient of its sign is multiplied by. */
const CLAMP = 0; // |y| <= a ? b : 0
const EDE = 1; // b (1 - tanh^2(a y)), of IR-Net
const MAGNITUDE = 2; // b for y >= 0, else -b: the gradient of b |y|

abstract class Surrogate {
  static of(kind: i32, y: v128, a: f32, b: f32): v128 {
    const height = f32x4.splat(b);
    if (kind == CLAMP) return v128.and(height, f32x4.le(f32x4.abs(y), f32x4.splat(a)));
    if (kind == MAGNITUDE) return v128.bitselect(f32x4.neg(height), height, f32x4.lt(y, f32x4.splat(0)));
    // 1 - tanh^2(x) = 4 e / (1 + e)^2 with e = exp(-2 |x|).
    const e = Exp.negative(f32x4.mul(f32x4.splat(-2 * a), f32x4.abs(y)));
    const rest = f32x4.add(f32x4.splat(1), e);
    return f32x4.div(f32x4.mul(f32x4.mul(height, f32x4.splat(4)), e), f32x4.mul(rest, rest));
  }
}

/**
 * The gradient through a surrogate and the standardisation y = (w - center) * inverse, with inverse = 1 / standard deviation (unbiased) of the filter:
 *
 *   d = surrogate(y) g;   g <- inverse (d - mean(d) - y sum(d y) / (rows - 1))
 *
 * Sums in f64. kind, a, b: see Surrogate. Scratch: sums f64 [2][32], then the two terms per filter f32 [2][32].
 */
export function standardize_dw(
  scratch: usize,
  gradient: usize,
  w: usize,
  center: usize,
  inverse: usize,
  rows: i32,
  kind: i32,
  a: f32,
  b: f32,
  begin: i32,
  end: i32,
): void {
  const bytes = <usize>rows * ROW;
  const terms = scratch + 512;
  for (let item = <usize>begin; item < <usize>end; item++) {
    const from = item * bytes;
    const to = from + bytes;
    const filters = item * ROW;
    memory.fill(scratch, 0, 512);
    for (let chunk = from; chunk < to; chunk += CHUNK) {
      for (let lane: usize = 0, stop = min(to, chunk + CHUNK); lane < ROW; lane += 16) {
        const c = v128.load(center + filters + lane);
        const s = v128.load(inverse + filters + lane);
        for (let i = chunk + lane; i < stop; i += ROW) {
          const y = f32x4.mul(f32x4.sub(v128.load(w + i), c), s);
          const d = f32x4.mul(v128.load(gradient + i), Surrogate.of(kind, y, a, b));
          v128.store(gradient + i, d);
          Wide.add(scratch + (lane << 1), d);
          Wide.add(scratch + 256 + (lane << 1), f32x4.mul(d, y));
        }
      }
    }
    for (let lane: usize = 0; lane < 32; lane++) {
      store<f32>(terms + (lane << 2), <f32>(load<f64>(scratch + (lane << 3)) / <f64>rows));
      store<f32>(terms + 128 + (lane << 2), <f32>(load<f64>(scratch + 256 + (lane << 3)) / <f64>max(1, rows - 1)));
    }
    for (let i = from; i < to; i += ROW) {
      for (let lane: usize = 0; lane < ROW; lane += 16) {
        const s = v128.load(inverse + filters + lane);
        const y = f32x4.mul(f32x4.sub(v128.load(w + i + lane), v128.load(center + filters + lane)), s);
        const rest = f32x4.add(v128.load(terms + lane), f32x4.mul(y, v128.load(terms + 128 + lane)));
        v128.store(gradient + i + lane, f32x4.mul(s, f32x4.sub(v128.load(gradient + i + lane), rest)));
      }
    }
  }
}
