/**
 * Updates of whole output filters in float64, plain loops over matrices [filter][input].
 *
 * @module
 */

type Matrix = number[][];

const rms = (matrix: Matrix): number => {
  let sum = 0;
  for (const row of matrix) for (const value of row) sum += value * value;
  return Math.sqrt(sum / (matrix.length * matrix[0].length));
};

function multiply(a: Matrix, b: Matrix): Matrix {
  return a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));
}

/** X <- a X + (b A + c A^2) X with A = X X^T, on the whole matrix, from X = U / |U|_F. */
export function newtonSchulz(u: Matrix, iterations: number): Matrix {
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  const norm = rms(u) * Math.sqrt(u.length * u[0].length);
  let x = u.map((row) => row.map((value) => value / norm));
  for (let k = 0; k < iterations; k++) {
    const gram = x.map((p) => x.map((q) => p.reduce((sum, value, i) => sum + value * q[i], 0)));
    const square = multiply(gram, gram);
    const factor = gram.map((row, i) => row.map((value, j) => b * value + c * square[i][j]));
    const rest = multiply(factor, x);
    x = x.map((row, i) => row.map((value, j) => a * value + rest[i][j]));
  }
  return x;
}

/** Filters scaled to a root mean square of `size`, in blocks of `block`, each first through `direction`; a zero block stays zero. */
export function normalizedBlocks(u: Matrix, block: number, size: number, direction: (u: Matrix) => Matrix = (x) => x): Matrix {
  const out: Matrix = [];
  for (let first = 0; first < u.length; first += block) {
    const part = u.slice(first, first + block);
    const zero = part.every((row) => row.every((value) => value === 0));
    const x = zero ? part : direction(part);
    const scale = zero ? 0 : size / rms(x);
    out.push(...x.map((row) => row.map((value) => value * scale)));
  }
  return out;
}
