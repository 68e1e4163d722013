/**
 * The orthogonal matrix nearest to a square one, and random orthogonal ones, in float64 from + - * / and square roots: the same bits on every host.
 *
 * @module
 */

/** Square, row by row. */
export type Matrix = Float64Array;

/** Sweeps of Jacobi rotations at most; matrices of a hundred rows take about ten. */
const SWEEPS = 60;

/**
 * A = U S V^T by one-sided Jacobi rotations (Hestenes, 1958): columns of A V are made orthogonal, two at a time. Singular values in no order; directions of A's null
 * space in U are completed to an orthonormal basis.
 */
export function svd(a: Matrix, n: number): { u: Matrix; s: Float64Array; v: Matrix } {
  // Columns as rows, for locality.
  const columns = transposed(a, n);
  const v = identity(n);
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        let [alpha, beta, gamma] = [0, 0, 0];
        for (let i = 0; i < n; i++) {
          const [x, y] = [columns[p * n + i], columns[q * n + i]];
          alpha += x * x;
          beta += y * y;
          gamma += x * y;
        }
        if (gamma === 0 || Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        turn(columns, n, p, q, c, c * t);
        turn(v, n, p, q, c, c * t);
      }
    }
  }
  const s = new Float64Array(n);
  for (let p = 0; p < n; p++) s[p] = norm(columns, n, p);
  const largest = s.reduce((most, value) => Math.max(most, value), 0);
  const full = Array.from(s, (value) => value > 1e-13 * largest);
  for (let p = 0; p < n; p++) for (let i = 0; full[p] && i < n; i++) columns[p * n + i] /= s[p];
  complete(columns, n, full);
  return { u: transposed(columns, n), s, v: transposed(v, n) };
}

/** The orthogonal Q with the largest trace of Q^T A (Procrustes): U V^T. */
export function nearestRotation(a: Matrix, n: number): Matrix {
  const { u, v } = svd(a, n);
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += u[i * n + k] * v[j * n + k];
      q[i * n + j] = sum;
    }
  return q;
}

/** From n * n normal numbers: their rows, made orthonormal one after the other. */
export function orthogonal(normals: ArrayLike<number>, n: number): Matrix {
  const rows = Float64Array.from(normals);
  complete(
    rows,
    n,
    Array.from({ length: n }, () => false),
  );
  return rows;
}

/** Rows that are not done become orthonormal to all that are, and to each other: what they hold first, else unit vectors. */
function complete(rows: Matrix, n: number, done: boolean[]): void {
  let unit = 0;
  for (let p = 0; p < n; p++) {
    while (!done[p]) {
      const before = norm(rows, n, p);
      // Twice: the first pass leaves what rounding adds.
      for (let pass = 0; pass < 2; pass++)
        for (let q = 0; q < n; q++) {
          if (!done[q]) continue;
          let dot = 0;
          for (let i = 0; i < n; i++) dot += rows[p * n + i] * rows[q * n + i];
          for (let i = 0; i < n; i++) rows[p * n + i] -= dot * rows[q * n + i];
        }
      const length = norm(rows, n, p);
      if (length > 1e-6 * before && length > 0) {
        for (let i = 0; i < n; i++) rows[p * n + i] /= length;
        done[p] = true;
      } else for (let i = 0, k = unit++; i < n; i++) rows[p * n + i] = i === k ? 1 : 0;
    }
  }
}

function turn(rows: Matrix, n: number, p: number, q: number, c: number, s: number): void {
  for (let i = 0; i < n; i++) {
    const [x, y] = [rows[p * n + i], rows[q * n + i]];
    rows[p * n + i] = c * x - s * y;
    rows[q * n + i] = s * x + c * y;
  }
}

function norm(rows: Matrix, n: number, p: number): number {
  let sum = 0;
  for (let i = p * n; i < (p + 1) * n; i++) sum += rows[i] * rows[i];
  return Math.sqrt(sum);
}

function transposed(a: Matrix, n: number): Matrix {
  const t = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) t[j * n + i] = a[i * n + j];
  return t;
}

function identity(n: number): Matrix {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  return v;
}
