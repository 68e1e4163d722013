/**
 * Named random streams: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A number is a pure function of (seed, purpose, step, item, index), so it depends on no other draw, on no thread and on no host.
 * Counter = (index / 4, step, purpose, item), key = (seed mod 2^32, seed / 2^32). The kernels' generator (assembly/lib/philox) is the
 * same with item 0.
 *
 * @module
 */
import { requireInteger } from './errors.js';

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two u32. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carry = (middle & 0xffff) + a0 * b1;
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** Philox 4x32-10: replaces the counter in `block` by four random u32. */
export function philox4x32(block: Uint32Array, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = block as unknown as [number, number, number, number];
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(M0, c0);
    const l0 = Math.imul(M0, c0) >>> 0;
    const h1 = mulHigh(M1, c2);
    const l1 = Math.imul(M1, c2) >>> 0;
    c0 = (h1 ^ c1 ^ k0) >>> 0;
    c1 = l1;
    c2 = (h0 ^ c3 ^ k1) >>> 0;
    c3 = l0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** The 32-bit name of a purpose: FNV-1a of its UTF-16 code units. */
export function purposeId(purpose: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Seeds are whole numbers from 0 to 2^53 - 1. Returns the two key words. */
export function seedKey(seed: number): [number, number] {
  requireInteger('seed', seed, 0);
  return [seed >>> 0, Math.floor(seed / 4294967296) >>> 0];
}

/**
 * Numbers of one stream in order. `step` (u32) selects an independent sub-stream: an epoch, a training step, a sample; `item` (u32)
 * selects one within it where two numbers are needed, as for a sample in an epoch.
 */
export class RandomStream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #purpose: number;
  readonly #step: number;
  readonly #item: number;
  readonly #block: Uint32Array = new Uint32Array(4);
  #index = 0;

  constructor(seed: number, purpose: string, step: number = 0, item: number = 0) {
    [this.#key0, this.#key1] = seedKey(seed);
    this.#purpose = purposeId(purpose);
    this.#step = step >>> 0;
    this.#item = item >>> 0;
  }

  /** The next u32. */
  next(): number {
    const lane = this.#index & 3;
    if (lane === 0) {
      const block = this.#block;
      block[0] = this.#index >>> 2;
      block[1] = this.#step;
      block[2] = this.#purpose;
      block[3] = this.#item;
      philox4x32(block, this.#key0, this.#key1);
    }
    this.#index++;
    return this.#block[lane];
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.next() / 4294967296;
  }

  /** Uniform whole number in [0, n), n <= 2^32; Lemire's multiplication without rejection (bias below n / 2^32). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Fisher-Yates, in place. */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i];
      values[i] = values[j];
      values[j] = held;
    }
  }
}
