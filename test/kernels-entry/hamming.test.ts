import { describe, expect, it } from 'vitest';
import { KERNELS } from '../helpers/kernel-bindings.js';
import { difference } from '../helpers/memory.js';
import { TestRandom } from '../helpers/random.js';
import { bitsOf, distances, nearest } from '../oracle/bits.js';

/** Around bytes, words, vectors, and the 31 vectors that a byte can count. */
const BITS = [1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 135, 136, 137, 512, 3967, 3968, 3969, 4096, 8000];
/** Around the four codes of a step and the 64 of a work item. */
const COUNTS = [0, 1, 2, 3, 4, 5, 63, 64, 65, 131];

const random = (seed: number, rows: number, bits: number): Uint8Array => bitsOf(new TestRandom(seed).signs(rows * bits), bits);

describe.each(KERNELS)('over %s', (_, kernels) => {
  it.each(BITS)('hammingDistances, %i bits', (bits) => {
    const [codes, queries] = [random(bits, 67, bits), random(bits + 1, 2, bits)];
    const actual = kernels.hammingDistances(codes, queries, bits);
    expect(actual).toBeInstanceOf(Int32Array);
    expect(difference(actual, distances(codes, queries, bits))).toBeUndefined();
  });

  it.each(COUNTS)('hammingDistances and hammingTopK, %i codes', (count) => {
    const [codes, queries] = [random(count, count, 100), random(7, 3, 100)];
    expect(difference(kernels.hammingDistances(codes, queries, 100), distances(codes, queries, 100))).toBeUndefined();
    for (const k of [1, 4, 200]) {
      const found = kernels.hammingTopK(codes, queries, k, 100);
      const expected = [0, 1, 2].map((q) => nearest(codes, queries.subarray(q * 13, q * 13 + 13), k, 100));
      expect([...found.indices]).toEqual(expected.flatMap(({ indices }) => indices));
      expect([...found.distances]).toEqual(expected.flatMap((one) => one.distances));
    }
  });

  it('extremes: equal codes, opposite codes', () => {
    for (const bits of [5, 128, 4096]) {
      const [plus, minus] = [bitsOf(new Int8Array(bits).fill(1), bits), bitsOf(new Int8Array(bits).fill(-1), bits)];
      const codes = Uint8Array.of(...minus, ...plus, ...minus);
      expect([...kernels.hammingDistances(codes, plus, bits)]).toEqual([bits, 0, bits]);
      expect(kernels.hammingTopK(codes, plus, 3, bits)).toEqual({
        indices: Uint32Array.of(1, 0, 2),
        distances: Int32Array.of(0, bits, bits),
      });
    }
  });

  it('ties go to the lower index, also at the last place', () => {
    const codes = Uint8Array.of(3, 1, 2, 0, 4, 1, 7, 8);
    expect(kernels.hammingTopK(codes, Uint8Array.of(0), 4, 8)).toEqual({
      indices: Uint32Array.of(3, 1, 2, 4),
      distances: Int32Array.of(0, 1, 1, 1),
    });
  });

  it('an index gives what the functions give, also when others run between its searches', () => {
    const codes = random(1, 500, 200);
    const queries = random(2, 4, 200);
    const index = kernels.createHammingIndex(codes, 200);
    const other = kernels.createHammingIndex(codes.slice(0, 250 * 25), 200);
    codes.copyWithin(0, 25); // the index has its own copy
    const first = random(1, 500, 200);
    expect([index.size, index.bits, other.size]).toEqual([500, 200, 250]);
    for (let round = 0; round < 3; round++) {
      expect(index.topK(queries, 7)).toEqual(kernels.hammingTopK(first, queries, 7, 200));
      expect(other.topK(queries, 300).indices).toHaveLength(4 * 250);
      expect(index.distances(queries)).toEqual(kernels.hammingDistances(first, queries, 200));
    }
  });
});
