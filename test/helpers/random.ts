/**
 * Seeded numbers for tests (mulberry32): independent of the generator under test.
 *
 * @module
 */
export class TestRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Uniform in [low, high), rounded to f32. */
  f32(low: number, high: number): number {
    return Math.fround(low + (high - low) * this.uniform());
  }

  sign(): number {
    return this.uniform() < 0.5 ? -1 : 1;
  }

  /** `count` values of `draw`. */
  array(count: number, draw: (random: TestRandom) => number): Float64Array {
    return Float64Array.from({ length: count }, () => draw(this));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }

  signs(length: number): Int8Array {
    return Int8Array.from({ length }, () => this.sign());
  }

  /** f32 in [-1, 1), bell-shaped. */
  floats(length: number): Float32Array {
    return Float32Array.from({ length }, () => (this.uniform() + this.uniform() + this.uniform()) / 1.5 - 1);
  }

  integers(length: number, low: number, high: number): Int16Array {
    return Int16Array.from({ length }, () => this.integer(low, high));
  }
}
