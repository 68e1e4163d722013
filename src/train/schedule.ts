/**
 * Learning-rate schedules as a factor of the step.
 *
 * @module
 */

/**
 * Linear warm-up, then half a cosine to 0: (t + 1) / warmup for t < warmup, else (1 + cos(pi (t - warmup) / (steps - warmup))) / 2.
 *
 * @param cosTurn cos(2 pi u) with the same bits on every host (Runtime.math)
 */
export function warmupCosine(step: number, steps: number, warmup: number, cosTurn: (u: number) => number): number {
  if (step < warmup) return (step + 1) / warmup;
  return 0.5 * (1 + cosTurn((0.5 * (step - warmup)) / Math.max(1, steps - warmup)));
}
