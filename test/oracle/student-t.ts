/**
 * P(T > t) of Student's t distribution with n degrees of freedom: the integral of its density, by Simpson's rule. With x = sqrt(n) tan a
 * the density (1 + x^2 / n)^(-(n + 1) / 2) dx is cos(a)^(n - 1) da, up to a factor that makes the whole integral 1.
 *
 * @module
 */
export function studentUpperTail(t: number, n: number): number {
  const integral = (from: number, to: number): number => {
    const steps = 20_000;
    const h = (to - from) / steps;
    let sum = 0;
    for (let i = 0; i <= steps; i++) sum += Math.cos(from + i * h) ** (n - 1) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
    return (sum * h) / 3;
  };
  return integral(Math.atan(t / Math.sqrt(n)), Math.PI / 2) / integral(-Math.PI / 2, Math.PI / 2);
}
