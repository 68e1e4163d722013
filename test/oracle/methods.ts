/**
 * Training methods in float64 on plain arrays, filter by filter: signs, scales, and the gradient of the latent weights from that of the weights.
 *
 * @module
 */

/** [cout][n] filters. */
export type Filters = number[][];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const magnitudes = (values: readonly number[]): number[] => values.map(Math.abs);
const sign = (value: number): number => (value < 0 ? -1 : 1);

export interface OracleWeights {
  /** ±1 [cout][n]. */
  signs: Filters;
  /** b = scale sign, per filter. */
  scale: number[];
  /** dL/dw from dL/db. */
  gradient(db: Filters): Filters;
}

const scaled = (w: Filters, scale: number[], factor: (x: number, alpha: number, n: number) => number): OracleWeights => ({
  signs: w.map((filter) => filter.map(sign)),
  scale,
  gradient: (db) => db.map((filter, c) => filter.map((g, i) => g * factor(w[c][i], scale[c], filter.length))),
});

/** Rastegari et al.: dL/dw = dL/db (1/n + alpha 1[|w| <= 1]). */
export function xnor(w: Filters): OracleWeights {
  const scale = w.map((filter) => mean(magnitudes(filter)));
  return scaled(w, scale, (x, alpha, n) => 1 / n + (Math.abs(x) <= 1 ? alpha : 0));
}

/** Zhou et al.: one scale, identity. */
export function dorefa(w: Filters): OracleWeights {
  const alpha = mean(magnitudes(w.flat()));
  return scaled(
    w,
    w.map(() => alpha),
    () => 1,
  );
}

/** Liu et al.: through clip(w, -1, 1). */
export function bireal(w: Filters): OracleWeights {
  const scale = w.map((filter) => mean(magnitudes(filter)));
  return scaled(w, scale, (x) => (Math.abs(x) <= 1 ? 1 : 0));
}

/** y = factor (w - mean) / sqrt(unbiased variance + epsilon), and dL/dw from dL/dy by the chain rule, term by term. */
function standardize(filter: number[], epsilon: number, factor: number): { y: number[]; back(dy: number[]): number[] } {
  const n = filter.length;
  const m = mean(filter);
  const sigma = Math.sqrt(sum(filter.map((x) => (x - m) ** 2)) / (n - 1) + epsilon);
  const y = filter.map((x) => (factor * (x - m)) / sigma);
  const back = (dy: number[]): number[] => {
    // dy_j / dx_i = factor ((i == j) - 1/n) / sigma - factor (x_j - m) (x_i - m) / ((n - 1) sigma^3)
    const inner = sum(dy.map((d, j) => d * (filter[j] - m)));
    return filter.map((x, i) => (factor * (dy[i] - mean(dy))) / sigma - (factor * inner * (x - m)) / ((n - 1) * sigma ** 3));
  };
  return { y, back };
}

/** EDE of Qin et al.: the derivative of k tanh(t x). */
export function ede(x: number, t: number): number {
  return Math.max(1 / t, 1) * t * (1 - Math.tanh(t * x) ** 2);
}

export function irnet(w: Filters, progress: number, tMin = 0.1, tMax = 10): OracleWeights {
  const t = 10 ** (Math.log10(tMin) + progress * (Math.log10(tMax) - Math.log10(tMin)));
  const all = w.map((filter) => standardize(filter, 0, 1));
  const scale = all.map(({ y }) => 2 ** Math.round(Math.log2(mean(magnitudes(y)))));
  return {
    signs: all.map(({ y }) => y.map(sign)),
    scale,
    gradient: (db) => db.map((filter, c) => all[c].back(filter.map((g, i) => scale[c] * g * ede(all[c].y[i], t)))),
  };
}

/** Q / mean |y|. */
export function recuQuantile(tau: number): number {
  return -Math.log(2 - 2 * tau);
}

export function recu(w: Filters, progress: number, tauMin = 0.85, tauMax = 0.99): OracleWeights {
  const a = (tauMax - tauMin) / (Math.E - 1);
  const tau = a * Math.E ** progress + (tauMin - a);
  const all = w.map((filter) => standardize(filter, 1e-5, 2 * Math.SQRT2));
  const q = recuQuantile(tau) * mean(magnitudes(all.flatMap(({ y }) => y)));
  return {
    signs: all.map(({ y }) => y.map((value) => sign(Math.max(-q, Math.min(q, value))))),
    scale: w.map(() => 1),
    gradient: (db) => db.map((filter, c) => all[c].back(filter.map((g, i) => (Math.abs(all[c].y[i]) <= q ? g : 0)))),
  };
}

export function siman(w: Filters): OracleWeights {
  const all = w.map((filter) => standardize(filter, 1e-5, 1));
  return {
    signs: all.map(({ y }) => {
      const order = y.map((_, i) => i).sort((i, j) => Math.abs(y[j]) - Math.abs(y[i]));
      const larger = new Set(order.slice(0, Math.floor(y.length / 2)));
      return y.map((_, i) => (larger.has(i) ? 1 : -1));
    }),
    scale: w.map(() => 1),
    gradient: (db) => db.map((filter, c) => all[c].back(filter.map((g, i) => g * sign(all[c].y[i])))),
  };
}

/** Helwegen et al., one weight: [w, m]. */
export function bop(w: number, m: number, g: number, gamma: number, threshold: number): [number, number] {
  const next = (1 - gamma) * m + gamma * g;
  return [w * next > threshold ? -w : w, next];
}

export interface BayesbinnStep {
  temperature: number;
  size: number;
  kl: number;
  beta: number;
  rate: number;
  /** From 1. */
  t: number;
}

/** Meng et al. with w = ±1: [lambda, m]. `mu` and what follows from it are f32, as in the authors' code. */
export function bayesbinn(lambda: number, m: number, g: number, step: BayesbinnStep): [number, number] {
  const mu = Math.fround(Math.tanh(lambda));
  const variance = Math.fround(Math.fround(1 - Math.fround(mu * mu)) + 1e-10);
  const s = 1e-10 / (step.temperature * variance);
  const next = step.beta * m + (1 - step.beta) * (step.size * s * g + step.kl * lambda);
  return [lambda - (step.rate * next) / (1 - step.beta ** step.t), next];
}
