/**
 * Surrogates of the sign in float64: f(v) of dv = g f(v).
 *
 * @module
 */
export type SurrogateFunction = (v: number) => number;

export const approxSign: SurrogateFunction = (v) => Math.max(0, 2 - 2 * Math.abs(v));

export const clip: SurrogateFunction = (v) => (Math.abs(v) <= 1 ? 1 : 0);

export const rbnn =
  (t: number): SurrogateFunction =>
  (v) =>
    Math.max(0, Math.SQRT2 * t - t * t * Math.abs(v));

export const ede =
  (t: number): SurrogateFunction =>
  (v) =>
    Math.max(1 / t, 1) * t * (1 - Math.tanh(t * v) ** 2);

export const swishSign =
  (beta = 5): SurrogateFunction =>
  (v) =>
    (beta * (2 - beta * v * Math.tanh((beta * v) / 2))) / (1 + Math.cosh(beta * v));

export const reste =
  (o: number, m = 0.1, t = 1.5): SurrogateFunction =>
  (v) => {
    const size = Math.abs(v);
    if (size > t) return 0;
    return size <= m ? m ** (1 / o) / m : (1 / o) * size ** ((1 - o) / o);
  };
