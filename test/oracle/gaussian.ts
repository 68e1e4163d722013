/**
 * Signs of Gaussian weights, in closed form.
 *
 * @module
 */

/** erf(x) = 2 / sqrt(pi) sum of (-1)^n x^(2n+1) / (n! (2n+1)), for |x| < 5. */
export function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** E sign(w) for w ~ N(mean, deviation^2). */
export function meanSign(mean: number, deviation: number): number {
  return erf(mean / (deviation * Math.SQRT2));
}

/** E sign(a) sign(b) for a, b with mean 0 and correlation rho (Grothendieck's identity). */
export function meanProduct(rho: number): number {
  return (2 / Math.PI) * Math.asin(rho);
}
