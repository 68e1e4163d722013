/**
 * RBNN in float64 on plain arrays: the rotated weights of one filter and the gradient of its weights and its theta.
 *
 * @module
 */

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export interface Rotation {
  a: number;
  b: number;
  /** [a][a] and [b][b]. */
  left: ArrayLike<number>;
  right: ArrayLike<number>;
}

/** y = (w - mean) / sigma, R1^T y R2, and v between the two, theta in radians. */
export function rotateFilter(w: readonly number[], theta: number, { a, b, left, right }: Rotation) {
  const n = w.length;
  const mean = sum([...w]) / n;
  const sigma = Math.sqrt(sum(w.map((x) => (x - mean) ** 2)) / (n - 1));
  const y = w.map((x) => (x - mean) / sigma);
  const rotated = y.map((_, at) => {
    const [i, j] = [Math.floor(at / b), at % b];
    let total = 0;
    for (let p = 0; p < a; p++) for (let q = 0; q < b; q++) total += left[p * a + i] * y[p * b + q] * right[q * b + j];
    return total;
  });
  const share = Math.abs(Math.sin(theta));
  return { y, sigma, rotated, share, v: y.map((value, i) => value + share * (rotated[i] - value)) };
}

/** dw and dtheta from the gradient of the signs, rotated weights constant. */
export function rotateGradient(w: readonly number[], theta: number, rotation: Rotation, db: readonly number[], t: number) {
  const n = w.length;
  const { y, sigma, rotated, share, v } = rotateFilter(w, theta, rotation);
  const k = Math.max(1 / t, 1);
  const dv = db.map((g, i) => g * Math.max(0, k * (Math.SQRT2 * t - t * t * Math.abs(v[i]))));
  const dy = dv.map((g) => (1 - share) * g);
  const mean = sum(dy) / n;
  const inner = sum(dy.map((g, i) => g * y[i])) / (n - 1);
  return {
    dw: dy.map((g, i) => (g - mean - y[i] * inner) / sigma),
    dTheta: Math.sign(Math.sin(theta)) * Math.cos(theta) * sum(dv.map((g, i) => g * (rotated[i] - y[i]))),
  };
}
