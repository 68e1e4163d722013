/**
 * Hamming distances between packed codes, and the nearest codes.
 *
 *     d(a, b) = popcount(a xor b)          sign(a) . sign(b) = bits - 2 d
 *
 * @module
 */
import { requireInteger } from '../core/errors.js';
import { requireBitCount, requireBits, requireResult } from './check.js';
import { type Instantiate, run, type SharedInstance } from './instance.js';

/** The nearest codes of each query, nearest first; of equal distances the lower index first. */
export interface Neighbors {
  /** [queries][k]: positions among the codes. */
  readonly indices: Uint32Array;
  /** [queries][k]: their distances. */
  readonly distances: Int32Array;
}

/** Codes that stay in WebAssembly memory, of their own, until the index itself is no longer referred to. */
export interface HammingIndex {
  /** Number of codes. */
  readonly size: number;
  /** Bits of a code. */
  readonly bits: number;
  /** As `hammingDistances`: queries u8 [queries][ceil(bits / 8)] -> i32 [queries][size]. */
  distances(queries: Uint8Array): Int32Array;
  /** As `hammingTopK`. */
  topK(queries: Uint8Array, k: number): Neighbors;
}

export function hammingDistances(shared: SharedInstance, codes: Uint8Array, queries: Uint8Array, bits: number): Int32Array {
  requireBitCount('bits', bits);
  const count = requireBits('codes', codes, bits, 'code');
  requireResult('hammingDistances', requireBits('queries', queries, bits, 'query'), count);
  return shared.run('hammingDistances', codes, queries, bits);
}

export function hammingTopK(shared: SharedInstance, codes: Uint8Array, queries: Uint8Array, k: number, bits: number): Neighbors {
  requireBitCount('bits', bits);
  const nearest = requireTopK(requireBits('codes', codes, bits, 'code'), queries, k, bits);
  return neighbors(shared.run('hammingTopK', codes, queries, nearest, bits));
}

export function createHammingIndex(instantiate: Instantiate, codes: Uint8Array, bits: number): HammingIndex {
  requireBitCount('bits', bits);
  const size = requireBits('codes', codes, bits, 'code');
  const instance = instantiate();
  run(instance, 'storeCodes', [codes]);
  return {
    size,
    bits,
    distances: (queries) => {
      requireResult('distances', requireBits('queries', queries, bits, 'query'), size);
      return run(instance, 'storedDistances', [queries, bits]) as Int32Array;
    },
    topK: (queries, k) => neighbors(run(instance, 'storedTopK', [queries, requireTopK(size, queries, k, bits), bits]) as Uint32Array),
  };
}

/** Checks a search and returns how many codes it finds for each query. */
function requireTopK(size: number, queries: Uint8Array, k: number, bits: number): number {
  requireInteger('k', k, 1);
  const nearest = Math.min(k, size);
  requireResult('topK', 2, requireBits('queries', queries, bits, 'query'), nearest);
  requireResult('distances', size);
  return nearest;
}

/** found [2][queries][k]: indices, then distances. */
function neighbors(found: Uint32Array): Neighbors {
  return { indices: found.slice(0, found.length / 2), distances: new Int32Array(found.buffer.slice(found.byteLength / 2)) };
}
