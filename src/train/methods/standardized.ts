/**
 * Latent weights that are standardised per filter on the way to their signs: y = (w - mean) / sigma, with the unbiased variance, and the gradient
 * through mean and sigma.
 *
 * @module
 */
import { FilterStatistics } from './filter-statistics.js';
import type { Latents } from './latent.js';

/** Surrogates of the sign of y, by their number in kernels/latent_dw. */
export const SURROGATES = { clamp: 0, ede: 1, magnitude: 2 } as const;

export class Standardized {
  /** Mean of |y| of each filter, f64 [cout], of the last measurement. */
  meanAbsolute: Float64Array = new Float64Array();
  readonly statistics: FilterStatistics;
  readonly #latents: Latents;
  readonly #epsilon: number;
  /** f32 per filter: 1 / sigma. */
  readonly inverse: number;

  /** sigma = sqrt(variance + epsilon). */
  constructor(latents: Latents, epsilon: number) {
    this.#latents = latents;
    this.#epsilon = epsilon;
    this.statistics = new FilterStatistics(latents);
    this.inverse = this.statistics.perFilter();
  }

  /** A filter whose weights are all the same has no direction: 1 / sigma counts as 0. */
  measure(): void {
    const { rows } = this.statistics;
    const { absolute, squares } = this.statistics.measure(true);
    const inverse = squares.map((sum) => {
      const variance = sum / Math.max(1, rows - 1) + this.#epsilon;
      return variance > 0 ? 1 / Math.sqrt(variance) : 0;
    });
    this.statistics.write(this.inverse, (c) => inverse[c]);
    this.meanAbsolute = absolute.map((sum, c) => (sum * inverse[c]) / rows);
  }

  /** Packs sign(y), or with `threshold`, f32 per filter, sign(|w - mean| - threshold). */
  pack(threshold: number = 0): void {
    const { runtime, data, parameter, signs } = this.#latents;
    runtime.run('sample_filters', parameter.blocks, data, this.statistics.mean, threshold, ...signs.operands);
  }

  /** The gradient of w from that of the signs, in place. a, b: of the surrogate. */
  gradient(surrogate: keyof typeof SURROGATES, a: number, b: number): void {
    const { runtime, data, parameter } = this.#latents;
    const { tiles, rows, mean } = this.statistics;
    runtime.run('standardize_dw', tiles, parameter.gradient, data, mean, this.inverse, rows, SURROGATES[surrogate], a, b);
  }
}
