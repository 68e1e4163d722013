// Seeded numbers for tests.

export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1) (mulberry32). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)];
  }

  signs(length: number): Int8Array {
    return Int8Array.from({ length }, () => (this.uniform() < 0.5 ? -1 : 1));
  }

  /** f32 in [-1, 1), bell-shaped. */
  floats(length: number): Float32Array {
    return Float32Array.from({ length }, () => (this.uniform() + this.uniform() + this.uniform()) / 1.5 - 1);
  }

  integers(length: number, low: number, high: number): Int16Array {
    return Int16Array.from({ length }, () => this.integer(low, high));
  }
}

/** ±1 weights [rows][cin] as in a model file: U8 [rows][ceil(cin / 8)], bit i of byte j = channel 8 j + i, 1 = -1. */
export function packSigns(weight: ArrayLike<number>, cin: number): Uint8Array {
  const rowBytes = Math.ceil(cin / 8);
  const rows = weight.length / cin;
  const packed = new Uint8Array(rows * rowBytes);
  for (let r = 0; r < rows; r++) for (let i = 0; i < cin; i++) if (weight[r * cin + i] < 0) packed[r * rowBytes + (i >> 3)] |= 1 << (i & 7);
  return packed;
}
