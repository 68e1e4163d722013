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
