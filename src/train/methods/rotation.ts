/**
 * The rotation of a layer's filters towards signs, R1^T X R2 with X a filter as an a x b matrix (RBNN): alternating steps over all filters.
 *
 *     B = sign(R1^T X R2);   R1 = argmax tr(sum of B R2^T X^T R1),   R2 = argmax tr(sum of R2^T X^T R1 B)
 *
 * @module
 */
import { purposeId } from '../../core/random.js';
import type { Runtime } from '../../core/runtime.js';
import { type Matrix, nearestRotation, orthogonal } from './svd.js';

/** a * b = n with a the largest divisor of n up to its root. */
export function factors(n: number): { a: number; b: number } {
  let a = 1;
  for (let i = 2; i * i <= n; i++) if (n % i === 0) a = i;
  return { a, b: n / a };
}

/** Random orthogonal numbers at `pointer`, f32 [n][n]. */
export function randomRotation(runtime: Runtime, pointer: number, n: number, seed: number, name: string): void {
  runtime.normal(pointer, n * n, 1, { seed, purpose: purposeId(`rotation/${name}`), step: 0 });
  runtime.arena.f32(pointer, n * n).set(orthogonal(runtime.arena.f32(pointer, n * n), n));
}

/**
 * Filters as the kernels have them, f32 [ceil(cout / 32)][a * b][32]: X, and rotated = R1^T X R2. Returns the next R1 for these signs and R2; or, with `left`
 * the R1 that was found, the next R2.
 */
export function nextRotation(
  x: Float32Array,
  rotated: Float32Array,
  cout: number,
  a: number,
  b: number,
  other: ArrayLike<number>,
  which: 'left' | 'right',
): Matrix {
  const n = which === 'left' ? a : b;
  const sum = new Float64Array(n * n);
  const [filter, signs] = [new Float64Array(a * b), new Float64Array(a * b)];
  // B R2^T, [a][b], or R1^T X, so that what is left is one product with the other matrix of the filter.
  const turned = new Float64Array(a * b);
  for (let c = 0; c < cout; c++) {
    const first = (c >> 5) * a * b * 32 + (c & 31);
    for (let i = 0; i < a * b; i++) {
      filter[i] = x[first + i * 32];
      signs[i] = rotated[first + i * 32] < 0 ? -1 : 1;
    }
    if (which === 'left') {
      // R1 maximises tr(R1^T (sum of X R2 B^T)).
      for (let p = 0; p < a; p++)
        for (let j = 0; j < b; j++) {
          let dot = 0;
          for (let q = 0; q < b; q++) dot += filter[p * b + q] * other[q * b + j];
          turned[p * b + j] = dot;
        }
      for (let p = 0; p < a; p++)
        for (let i = 0; i < a; i++) {
          let dot = 0;
          for (let j = 0; j < b; j++) dot += turned[p * b + j] * signs[i * b + j];
          sum[p * a + i] += dot;
        }
    } else {
      // R2 maximises tr(R2^T (sum of X^T R1 B)).
      for (let i = 0; i < a; i++)
        for (let q = 0; q < b; q++) {
          let dot = 0;
          for (let p = 0; p < a; p++) dot += other[p * a + i] * filter[p * b + q];
          turned[i * b + q] = dot;
        }
      for (let q = 0; q < b; q++)
        for (let j = 0; j < b; j++) {
          let dot = 0;
          for (let i = 0; i < a; i++) dot += turned[i * b + q] * signs[i * b + j];
          sum[q * b + j] += dot;
        }
    }
  }
  return nearestRotation(sum, n);
}
