/**
 * Signs of one and of two Gaussian numbers, in closed form up to one integral.
 *
 *     Phi(h)      = P(x < h)
 *     E s_i s_j   = 4 Phi2(h, k; rho) - 2 Phi(h) - 2 Phi(k) + 1,   s = sign(h + x_i), sign(k + x_j), corr(x_i, x_j) = rho
 *                 = E s_i E s_j + 2/pi times the integral from 0 to rho of exp(-(h^2 + k^2 - 2 h k s) / (2 (1 - s^2))) / sqrt(1 - s^2) ds
 *
 * The second form (Plackett 1954) loses no digits where the two are nearly independent. `exp` is handed in, so that the bits are the same on every host.
 *
 * @module
 */

export type Exp = (x: number) => number;

/** Phi(h), to about 1e-15. */
export function normalCdf(h: number, exp: Exp): number {
  const x = Math.abs(h);
  const upper = x > 38 ? 0 : x < 3 ? 0.5 - body(x, exp) : tail(x, exp);
  return h < 0 ? upper : 1 - upper;
}

/** E sign(h + x) for a standard normal x; h = ±Infinity: no noise. */
export function signMean(h: number, exp: Exp): number {
  const x = Math.abs(h);
  const mean = x < 3 ? 2 * body(x, exp) : 1 - 2 * (x > 38 ? 0 : tail(x, exp));
  return h < 0 ? -mean : mean;
}

/** E s_i s_j. */
export function signProduct(h: number, k: number, rho: number, exp: Exp): number {
  const independent = signMean(h, exp) * signMean(k, exp);
  if (!Number.isFinite(h) || !Number.isFinite(k)) return independent;
  if (rho < 0) return -signProduct(h, -k, -rho, exp);
  if (rho > 1 - 1e-12) return 1 - 2 * Math.abs(normalCdf(h, exp) - normalCdf(k, exp));
  return independent + (2 / Math.PI) * correlated(h, k, rho, exp);
}

/** Phi(x) - 1/2 for 0 <= x < 3: phi(x) (x + x^3 / 3 + x^5 / (3 5) + ...). */
function body(x: number, exp: Exp): number {
  let sum = 0;
  let term = x;
  for (let n = 1; term > sum * 1e-17; n += 2) {
    sum += term;
    term *= (x * x) / (n + 2);
  }
  return density(x, exp) * sum;
}

/** 1 - Phi(x) for x >= 3: phi(x) / (x + 1 / (x + 2 / (x + ...))). */
function tail(x: number, exp: Exp): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / fraction;
  return density(x, exp) / fraction;
}

function density(x: number, exp: Exp): number {
  return exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** Nodes and weights of Gauss-Legendre on ±1, positive half. */
const NODES = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
];

/** The integral for 0 <= rho < 1, in panels that shrink with the distance to the singularity at 1. */
function correlated(h: number, k: number, rho: number, exp: Exp): number {
  const integrand = (s: number): number => {
    const rest = (1 - s) * (1 + s);
    return exp(-((h - k) * (h - k) + 2 * h * k * (1 - s)) / (2 * rest)) / Math.sqrt(rest);
  };
  let sum = 0;
  for (let from = 0; from < rho; ) {
    const to = Math.min(rho, from + (1 - from) / 4);
    const [center, half] = [(from + to) / 2, (to - from) / 2];
    for (const [x, w] of NODES) sum += half * w * (integrand(center - half * x) + integrand(center + half * x));
    from = to;
  }
  return sum;
}
