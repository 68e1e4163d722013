// Newton-Schulz orthogonalisation (Jordan et al., "Muon", 2024) of a wide matrix X, m x n, from its m x m Gram matrix alone:
//
//   X <- p(A) X,  A = X X^T,  p(A) = a I + b A + c A^2          (a, b, c) = (3.4445, -4.7750, 2.0315)
//
// moves the singular values of X from (0, 1] to about 1. Every iterate is a polynomial in the first A times the first X, and polynomials
// in a symmetric A are symmetric and commute: P <- p(A) P and A <- p(A) A p(A) are all it takes, and P X is the result.
//
// Matrices: f64 [m][32], rows of 256 bytes of which m values count; m = 8, 16, 24 or 32.

const A: f64 = 3.4445;
const B: f64 = -4.775;
const C: f64 = 2.0315;
const ROW: usize = 256;

export abstract class NewtonSchulz {
  /** P after `iterations` >= 0 steps from A (overwritten), whose trace is at most 1. p, q, t: matrices, q and t for what is between. */
  static polynomial(iterations: i32, a: usize, p: usize, q: usize, t: usize, m: i32): void {
    for (let i: usize = 0; i < <usize>m; i++) {
      memory.fill(p + i * ROW, 0, (<usize>m) << 3);
      store<f64>(p + i * (ROW + 8), 1);
    }
    for (let k = 0; k < iterations; k++) {
      NewtonSchulz.multiply(q, a, a, m);
      for (let i: usize = 0; i < <usize>m; i++) {
        const r = i * ROW;
        for (let j: usize = 0; j < (<usize>m) << 3; j += 16) {
          let x = f64x2.add(f64x2.mul(f64x2.splat(B), v128.load(a + r + j)), f64x2.mul(f64x2.splat(C), v128.load(q + r + j)));
          v128.store(q + r + j, x);
        }
        store<f64>(q + r + (i << 3), load<f64>(q + r + (i << 3)) + A);
      }
      NewtonSchulz.multiply(t, q, p, m);
      NewtonSchulz.copy(p, t, m);
      if (k + 1 == iterations) return;
      NewtonSchulz.multiply(t, q, a, m);
      NewtonSchulz.multiply(a, t, q, m);
    }
  }

  /** c = a b, 4 x 4 at a time, each sum in the order of the rows of b. c is neither a nor b. */
  static multiply(c: usize, a: usize, b: usize, m: i32): void {
    const width = (<usize>m) << 3;
    for (let i: usize = 0; i < <usize>m * ROW; i += 4 * ROW) {
      for (let j: usize = 0; j < width; j += 32) {
        let c00 = f64x2.splat(0),
          c01 = c00,
          c10 = c00,
          c11 = c00,
          c20 = c00,
          c21 = c00,
          c30 = c00,
          c31 = c00;
        for (let x = a + i, stop = x + width, y = b + j; x < stop; x += 8, y += ROW) {
          let y0 = v128.load(y),
            y1 = v128.load(y, 16);
          let s = v128.load64_splat(x);
          c00 = f64x2.add(c00, f64x2.mul(s, y0));
          c01 = f64x2.add(c01, f64x2.mul(s, y1));
          s = v128.load64_splat(x, 256);
          c10 = f64x2.add(c10, f64x2.mul(s, y0));
          c11 = f64x2.add(c11, f64x2.mul(s, y1));
          s = v128.load64_splat(x, 512);
          c20 = f64x2.add(c20, f64x2.mul(s, y0));
          c21 = f64x2.add(c21, f64x2.mul(s, y1));
          s = v128.load64_splat(x, 768);
          c30 = f64x2.add(c30, f64x2.mul(s, y0));
          c31 = f64x2.add(c31, f64x2.mul(s, y1));
        }
        let o = c + i + j;
        v128.store(o, c00);
        v128.store(o, c01, 16);
        v128.store(o, c10, 256);
        v128.store(o, c11, 272);
        v128.store(o, c20, 512);
        v128.store(o, c21, 528);
        v128.store(o, c30, 768);
        v128.store(o, c31, 784);
      }
    }
  }

  /** Sum of a[i][j] b[i][j]: the trace of a b^T. */
  static dot(a: usize, b: usize, m: i32): f64 {
    let sum = f64x2.splat(0);
    for (let i: usize = 0; i < <usize>m * ROW; i += ROW) {
      for (let j: usize = 0; j < (<usize>m) << 3; j += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(a + i + j), v128.load(b + i + j)));
    }
    return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }

  static trace(a: usize, m: i32): f64 {
    let sum: f64 = 0;
    for (let i: usize = 0; i < <usize>m; i++) sum += load<f64>(a + i * (ROW + 8));
    return sum;
  }

  static copy(to: usize, from: usize, m: i32): void {
    for (let i: usize = 0; i < <usize>m * ROW; i += ROW) memory.copy(to + i, from + i, (<usize>m) << 3);
  }
}
