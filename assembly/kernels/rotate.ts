// Rotations of filters, and the gradient through them (RBNN). Arrays f32 [tile][rows][32], 32 filters to a tile, rows = a * b: row p * b + q of a filter is
// entry (p, q) of its matrix. left f32 [a][a], right f32 [b][b], numbers per filter f32 [tile][32]. Item: a tile. Spare lanes stay 0.

const ROW: usize = 128;

abstract class Lanes {
  /** 16 lanes of a row: to = sum over k < count of factor[k * factorStep] x[k * xStep], one after the other. */
  @inline static combine(to: usize, x: usize, xStep: usize, factor: usize, factorStep: usize, count: i32): void {
    let s0 = f32x4.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    for (let k = 0; k < count; k++, x += xStep, factor += factorStep) {
      const f = v128.load32_splat(factor);
      s0 = f32x4.add(s0, f32x4.mul(f, v128.load(x)));
      s1 = f32x4.add(s1, f32x4.mul(f, v128.load(x, 16)));
      s2 = f32x4.add(s2, f32x4.mul(f, v128.load(x, 32)));
      s3 = f32x4.add(s3, f32x4.mul(f, v128.load(x, 48)));
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
  }
}

/**
 * y = (w - center) * inverse, the standardised weights X;   rotated = left^T X right;   half: memory of one more array.
 * b <= 1,024.
 */
export function rotate_filters(
  scratch: usize,
  w: usize,
  center: usize,
  inverse: usize,
  left: usize,
  right: usize,
  y: usize,
  half: usize,
  rotated: usize,
  a: i32,
  b: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = <usize>(a * b) * ROW;
  const line = <usize>b * ROW;
  for (let item = <usize>begin; item < <usize>end; item++) {
    const from = item * bytes;
    const filters = item * ROW;
    for (let i = from, stop = from + bytes; i < stop; i += ROW) {
      for (let lane: usize = 0; lane < ROW; lane += 16) {
        const d = f32x4.sub(v128.load(w + i + lane), v128.load(center + filters + lane));
        v128.store(y + i + lane, f32x4.mul(d, v128.load(inverse + filters + lane)));
      }
    }
    // half = left^T X: sums over rows of the matrix; then rotated = half right.
    for (let lane: usize = 0; lane < ROW; lane += 64) {
      for (let i: usize = 0; i < <usize>a; i++) {
        for (let q: usize = 0; q < <usize>b; q++) {
          const to = half + from + i * line + q * ROW + lane;
          Lanes.combine(to, y + from + q * ROW + lane, line, left + (i << 2), (<usize>a) << 2, a);
        }
      }
      for (let i: usize = 0; i < <usize>a; i++) {
        for (let j: usize = 0; j < <usize>b; j++) {
          const to = rotated + from + i * line + j * ROW + lane;
          Lanes.combine(to, half + from + i * line + lane, ROW, right + (j << 2), (<usize>b) << 2, b);
        }
      }
    }
  }
}

/** v = y + share (rotated - y), share per filter. */
export function rotate_mix(scratch: usize, y: usize, rotated: usize, share: usize, v: usize, rows: i32, begin: i32, end: i32): void {
  const bytes = <usize>rows * ROW;
  for (let item = <usize>begin; item < <usize>end; item++) {
    for (let i = item * bytes, stop = i + bytes; i < stop; i += ROW) {
      for (let lane: usize = 0; lane < ROW; lane += 16) {
        const x = v128.load(y + i + lane);
        const d = f32x4.sub(v128.load(rotated + i + lane), x);
        v128.store(v + i + lane, f32x4.add(x, f32x4.mul(v128.load(share + item * ROW + lane), d)));
      }
    }
  }
}

/**
 * The gradient through the sign of v, whose surrogate is max(0, a - b |v|), and through v = y + share (rotated - y), rotated a constant:
 *
 *   d = g max(0, a - b |v|);   dshare = sum of d (rotated - y), f64 per filter;   g <- (1 - share) d
 */
export function rotate_dw(
  scratch: usize,
  gradient: usize,
  y: usize,
  rotated: usize,
  v: usize,
  share: usize,
  dShare: usize,
  rows: i32,
  a: f32,
  b: f32,
  begin: i32,
  end: i32,
): void {
  const bytes = <usize>rows * ROW;
  for (let item = <usize>begin; item < <usize>end; item++) {
    for (let lane: usize = 0; lane < ROW; lane += 16) {
      const rest = f32x4.sub(f32x4.splat(1), v128.load(share + item * ROW + lane));
      let low = f64x2.splat(0);
      let high = low;
      for (let i = item * bytes + lane, stop = i + bytes; i < stop; i += ROW) {
        const slope = f32x4.sub(f32x4.splat(a), f32x4.mul(f32x4.splat(b), f32x4.abs(v128.load(v + i))));
        const d = f32x4.mul(v128.load(gradient + i), f32x4.max(slope, f32x4.splat(0)));
        const term = f32x4.mul(d, f32x4.sub(v128.load(rotated + i), v128.load(y + i)));
        low = f64x2.add(low, f64x2.promote_low_f32x4(term));
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i32>(term, term, 2, 3, 2, 3)));
        v128.store(gradient + i, f32x4.mul(rest, d));
      }
      v128.store(dShare + ((item * ROW + lane) << 1), low);
      v128.store(dShare + ((item * ROW + lane) << 1), high, 16);
    }
  }
}
