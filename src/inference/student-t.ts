/**
 * Student's t distribution with whole degrees of freedom, by + - * / and square roots only: the same bits on every host.
 *
 * With theta = atan(t / sqrt(n)), s = sin theta, c = cos theta (Abramowitz and Stegun 26.7.3 and 26.7.4):
 *
 *     P(|T| < t) = s (1 + 1/2 c^2 + (1 3)/(2 4) c^4 + ... up to c^(n - 2))                        n even
 *                = 2/pi (theta + s (c + 2/3 c^3 + (2 4)/(3 5) c^5 + ... up to c^(n - 2)))         n odd
 *
 * @module
 */

/** P(T > t) for t >= 0 and n >= 1 degrees of freedom, to about 1e-15. */
export function upperTail(t: number, n: number): number {
  const x = t / Math.sqrt(n);
  const c = 1 / Math.sqrt(1 + x * x);
  const s = x * c;
  const odd = n % 2 === 1;
  let sum = 0;
  let term = odd ? c : 1;
  for (let power = odd ? 1 : 0; power <= n - 2; power += 2) {
    sum += term;
    term *= (c * c * (power + 1)) / (power + 2);
  }
  const inside = odd ? (2 / Math.PI) * (atan(x) + s * sum) : s * sum;
  return (1 - inside) / 2;
}

/** x >= 0. */
function atan(x: number): number {
  // Four times atan(x) = 2 atan(x / (1 + sqrt(1 + x^2))): what is left is below 0.1, where 10 terms reach 1e-20.
  let y = x;
  for (let i = 0; i < 4; i++) y /= 1 + Math.sqrt(1 + y * y);
  let sum = 0;
  for (let k = 19; k >= 1; k -= 2) sum = 1 / k - y * y * sum;
  return 16 * y * sum;
}
