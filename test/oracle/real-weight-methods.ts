/**
 * Training methods whose weights are real in training, in float64: the weight of the forward pass and the gradient, or the step, of what stands behind one weight.
 *
 * @module
 */

/** betaMin (betaMax / betaMin)^progress. */
export function beta(progress: number, betaMin: number, betaMax: number): number {
  return betaMin * (betaMax / betaMin) ** progress;
}

/** MD-tanh, stable: w = tanh(beta u), the gradient as it is. */
export function mdTanh(u: number, g: number, sharpness: number): { w: number; gradient: number } {
  return { w: Math.tanh(sharpness * u), gradient: g };
}

/**
 * PMF on the two logits u and -u of the labels +1 and -1: w = p+ - p-, so the gradient of (p+, p-) is (g, -g). Through beta (diag(p) - p p^T), the softmax's Jacobian, it is that of
 * u; through the published beta (I - p p^T) half of it is taken, which is the same where p = 1/2.
 */
export function pmf(u: number, g: number, sharpness: number, exact: boolean): { w: number; gradient: number } {
  const p = 1 / (1 + Math.exp(-2 * sharpness * u));
  const q = 1 / (1 + Math.exp(2 * sharpness * u));
  const labels = [g, -g];
  const inner = p * labels[0] + q * labels[1];
  const through = (probability: number, label: number): number => sharpness * ((exact ? probability * label : label) - probability * inner);
  // u moves both logits.
  const difference = through(p, labels[0]) - through(q, labels[1]);
  return { w: p - q, gradient: exact ? difference : difference / 2 };
}

/** ProxQuant's operator. */
export function prox(w: number, strength: number): number {
  const d = Math.abs(w) - 1;
  return Math.sign(w) * (1 + Math.sign(d) * Math.max(Math.abs(d) - strength, 0));
}

export interface AdasteRule {
  alpha: number;
  beta: number;
  /** Weights are signs. */
  settled: boolean;
  size: number;
  momentum: number;
  rate: number;
  /** From 1. */
  t: number;
}

/** AdaSTE, one weight: w, and theta and m after a step. */
export function adaste(theta: number, m: number, g: number, rule: AdasteRule): { w: number; theta: number; m: number } {
  const { alpha, beta, settled } = rule;
  const weight = (x: number): number =>
    settled ? (x < 0 ? -1 : 1) : Math.max(-1, Math.min(1, (x + (x < 0 ? -1 : 1) * beta * (1 + alpha)) / (1 + beta)));
  const size = Math.abs(theta);
  const outwards = theta < 0 !== g < 0; // theta - g moves away from 0
  const usual = settled ? 1 : 1 / (1 + beta);
  let f = usual;
  if (Math.abs(g) > 1e-3 && size > (settled ? 1e-3 : 1e-6)) {
    const flat = settled || size > 1 - alpha * beta;
    if (outwards) f = flat ? 0 : usual;
    else {
      // What the weight loses on its way to 0, and the jump there; where it is a sign, the slope of the published code, which leaves the other half of the jump aside.
      const drop = settled ? 1 : weight(size) + (beta * (1 + alpha)) / (1 + beta);
      f = Math.min(drop / size, 0.5);
    }
  }
  const next = rule.momentum * m + (1 - rule.momentum) * (rule.size * f * g + theta);
  return { w: weight(theta), theta: theta - (rule.rate * next) / (1 - rule.momentum ** rule.t), m: next };
}

export interface RelaxedBernoulliRule {
  temperature: number;
  /** N. */
  size: number;
  kl: number;
  rate: number;
}

/** BayesBiNN without momentum, at a temperature where weights are real: noise uniform in ±1. */
export function bayesbinn(lambda: number, noise: number, g: number, { temperature, size, kl, rate }: RelaxedBernoulliRule) {
  const u = (1 + noise) / 2;
  const delta = 0.5 * Math.log(u / (1 - u));
  const w = Math.tanh((lambda + delta) / temperature);
  const mu = Math.tanh(lambda);
  const s = (1 - w * w + 1e-10) / (temperature * (1 - mu * mu + 1e-10));
  return { delta, w, mu, s, lambda: lambda - rate * (size * s * g + kl * lambda) };
}
