// Normal numbers of a named stream in float64, from the definitions of FNV-1a, Philox 4x32-10 (in BigInt) and of Box and Muller, and w = mean + r factor
// + diagonal g of them.

const MASK = 0xffffffffn;

/** 32-bit FNV-1a of UTF-16 code units. */
function nameOf(stream: string): bigint {
  let hash = 0x811c9dc5n;
  for (let i = 0; i < stream.length; i++) hash = ((hash ^ BigInt(stream.charCodeAt(i))) * 0x01000193n) & MASK;
  return hash;
}

/** Four words of block (index, step, purpose, 0) for the key seed. */
function philox(seed: bigint, index: bigint, step: bigint, purpose: bigint): number[] {
  let [a, b, c, d] = [index, step, purpose, 0n];
  let [low, high] = [seed & MASK, seed >> 32n];
  for (let round = 0; round < 10; round++) {
    const [p, q] = [a * 0xd2511f53n, c * 0xcd9e8d57n];
    [a, b, c, d] = [(q >> 32n) ^ b ^ low, q & MASK, (p >> 32n) ^ d ^ high, p & MASK];
    low = (low + 0x9e3779b9n) & MASK;
    high = (high + 0xbb67ae85n) & MASK;
  }
  return [a, b, c, d].map(Number);
}

export function normals(count: number, seed: number, stream: string, step: number): number[] {
  const numbers: number[] = [];
  for (let index = 0n; numbers.length < count; index++) {
    const words = philox(BigInt(seed), index, BigInt(step), nameOf(stream));
    for (const [u, v] of [words.slice(0, 2), words.slice(2)]) {
      const radius = Math.sqrt(-2 * Math.log((u + 0.5) / 2 ** 32));
      numbers.push(radius * Math.cos((2 * Math.PI * v) / 2 ** 32), radius * Math.sin((2 * Math.PI * v) / 2 ** 32));
    }
  }
  return numbers.slice(0, count);
}

export interface LowRankGaussian {
  mean: ArrayLike<number>;
  factor: ArrayLike<number>;
  diagonal?: ArrayLike<number>;
  seed: number;
  stream: string;
  step: number;
}

/** The draw of one step. */
export function draw({ mean, factor, diagonal, seed, stream, step }: LowRankGaussian): number[] {
  const n = mean.length;
  const r = normals(factor.length / n, seed, stream, step);
  const g = diagonal ? normals(n, seed, `${stream}/diagonal`, step) : [];
  return Array.from({ length: n }, (_, i) => {
    const low = r.reduce((sum, value, k) => sum + value * factor[k * n + i], mean[i]);
    return low + (diagonal ? diagonal[i] * g[i] : 0);
  });
}
