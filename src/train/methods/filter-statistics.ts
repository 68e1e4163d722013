/**
 * What methods measure of the output filters of their latent weights.
 *
 * @module
 */
import type { Runtime } from '../../core/runtime.js';
import type { Latents } from './latent.js';
import { filtersOf } from './latent-array.js';

export class FilterStatistics {
  /** Weights of a filter, and tiles of 32 filters. */
  readonly rows: number;
  readonly tiles: number;
  /** f32 [tiles][32]: means of the filters, where they are centred, else 0. */
  readonly mean: number;
  readonly #runtime: Runtime;
  readonly #data: number;
  readonly #cout: number;
  /** f64 [tiles][2][32]. */
  readonly #moments: number;

  constructor({ runtime, parameter, data }: Latents) {
    const { rows, cout } = filtersOf(parameter);
    this.rows = rows;
    this.#cout = cout;
    this.tiles = Math.ceil(cout / 32);
    this.#runtime = runtime;
    this.#data = data;
    this.mean = this.perFilter();
    this.#moments = runtime.arena.allocate(this.tiles * 512, 'optimizer');
  }

  /** Memory of one f32 per filter, [tiles][32], zeros. */
  perFilter(): number {
    return this.#runtime.arena.allocate(this.tiles * 128, 'optimizer');
  }

  /** Writes one number per filter to memory of `perFilter`. */
  write(pointer: number, value: (c: number) => number): void {
    const values = this.#runtime.arena.f32(pointer, this.#cout);
    for (let c = 0; c < values.length; c++) values[c] = value(c);
  }

  /** Per filter, f64 [cout]: sum of |w - mean| and sum of (w - mean)^2, with the mean where filters are centred, else 0. */
  measure(centered: boolean): { absolute: Float64Array; squares: Float64Array } {
    this.#runtime.run('filter_moments', this.tiles, this.#data, this.mean, this.#moments, this.rows, centered ? 1 : 0);
    const moments = this.#runtime.arena.f64(this.#moments, this.tiles * 64);
    const take = (kind: 0 | 1): Float64Array =>
      Float64Array.from({ length: this.#cout }, (_, c) => moments[(c >> 5) * 64 + kind * 32 + (c & 31)]);
    return { absolute: take(0), squares: take(1) };
  }
}
