/**
 * Between plain arrays [image][position][channel], [cout][tap][cin] and the kernels' layouts.
 *
 * @module
 */
import type { TypedArray } from './memory.js';
import type { TestRandom } from './random.js';

type NumberArray = Exclude<TypedArray, BigUint64Array>;

/** Writes values [images][P][C] to out [G][P][C][64]. */
export function toBatchMinor<T extends NumberArray>(values: ArrayLike<number>, images: number, P: number, C: number, out: T): T {
  for (let n = 0, k = 0; n < images; n++) {
    for (let p = 0; p < P; p++) {
      for (let c = 0; c < C; c++, k++) out[(((n >> 6) * P + p) * C + c) * 64 + (n & 63)] = values[k];
    }
  }
  return out;
}

/** [G][P][C][64] back to [images][P][C]. */
export function fromBatchMinor(source: ArrayLike<number>, images: number, P: number, C: number): Float64Array {
  const values = new Float64Array(images * P * C);
  for (let n = 0, k = 0; n < images; n++) {
    for (let p = 0; p < P; p++) {
      for (let c = 0; c < C; c++, k++) values[k] = source[(((n >> 6) * P + p) * C + c) * 64 + (n & 63)];
    }
  }
  return values;
}

/** Values [images][P][C] to [tile][G][P][64][lanes]; spare lanes stay as they are in out. */
export function toTransposed<T extends NumberArray>(
  values: ArrayLike<number>,
  images: number,
  P: number,
  C: number,
  lanes: number,
  out: T,
): T {
  const groups = images / 64;
  for (let n = 0, k = 0; n < images; n++) {
    for (let p = 0; p < P; p++) {
      for (let c = 0; c < C; c++, k++) {
        const tile = Math.floor(c / lanes);
        out[(((tile * groups + (n >> 6)) * P + p) * 64 + (n & 63)) * lanes + (c % lanes)] = values[k];
      }
    }
  }
  return out;
}

/** Words whose bits are all spare: random, since no reader may look at them, or 0, as writers leave them. */
function spareWords(count: number, random: TestRandom | undefined): Uint32Array {
  return Uint32Array.from({ length: 2 * count }, () => random?.integer(0, 0xffffffff) ?? 0);
}

function setBit(words: Uint32Array, word: number, bit: number, value: number): void {
  const i = 2 * word + (bit >> 5);
  const mask = (1 << (bit & 31)) >>> 0;
  words[i] = (value < 0 ? words[i] | mask : words[i] & ~mask) >>> 0;
}

/** Weights [cout][taps][cin] to u64 [tap][ceil(cin / 64)][cout], bits along cin. */
export function forwardWords(w: ArrayLike<number>, cout: number, taps: number, cin: number, random?: TestRandom): Uint32Array {
  const blocks = Math.ceil(cin / 64);
  const words = spareWords(taps * blocks * cout, random);
  for (let c = 0, k = 0; c < cout; c++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < cin; i++, k++) setBit(words, (tap * blocks + (i >> 6)) * cout + c, i & 63, w[k]);
    }
  }
  return words;
}

/** Weights [cout][taps][cin] to u64 [tap][ceil(cout / 64)][cin], bits along cout. */
export function backwardWords(w: ArrayLike<number>, cout: number, taps: number, cin: number, random?: TestRandom): Uint32Array {
  const blocks = Math.ceil(cout / 64);
  const words = spareWords(taps * blocks * cin, random);
  for (let c = 0, k = 0; c < cout; c++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < cin; i++, k++) setBit(words, (tap * blocks + (c >> 6)) * cin + i, c & 63, w[k]);
    }
  }
  return words;
}

/** Signs [images][P][C] to u64 [G][P][C], bits along the images; 0 counts as +1. */
export function imageWords(x: ArrayLike<number>, images: number, P: number, C: number): Uint32Array {
  const words = new Uint32Array((2 * images * P * C) / 64);
  for (let n = 0, k = 0; n < images; n++) {
    for (let p = 0; p < P; p++) {
      for (let c = 0; c < C; c++, k++) setBit(words, ((n >> 6) * P + p) * C + c, n & 63, x[k]);
    }
  }
  return words;
}

/** Index of weight (c, tap, i) in [ceil(cout / 32)][tap][cin][32]. */
export function latentAt(taps: number, cin: number, c: number, tap: number, i: number): number {
  return ((Math.floor(c / 32) * taps + tap) * cin + i) * 32 + (c % 32);
}

export function latentLength(cout: number, taps: number, cin: number): number {
  return Math.ceil(cout / 32) * taps * cin * 32;
}

/** [ceil(cout / 32)][tap][cin][32] back to [cout][tap][cin]. */
export function fromLatent(source: ArrayLike<number>, cout: number, taps: number, cin: number): Float64Array {
  const values = new Float64Array(cout * taps * cin);
  for (let c = 0, k = 0; c < cout; c++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < cin; i++, k++) values[k] = source[latentAt(taps, cin, c, tap, i)];
    }
  }
  return values;
}

/** [cout][tap][cin] to [ceil(cout / 32)][tap][cin][32], spare lanes 0. */
export function toLatent(values: ArrayLike<number>, cout: number, taps: number, cin: number): Float32Array {
  const latent = new Float32Array(latentLength(cout, taps, cin));
  for (let c = 0, k = 0; c < cout; c++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < cin; i++, k++) latent[latentAt(taps, cin, c, tap, i)] = values[k];
    }
  }
  return latent;
}
