import { describe, expect, test } from 'vitest';
import { philox4x32, purposeId, RandomStream, seedKey } from '../../src/core/random.js';

/** Philox 4x32-10 in BigInt: the paper's definition, sharing no arithmetic with the 16-bit products of the module. */
function philoxOracle(counter: readonly number[], key: readonly number[]): number[] {
  const mask = 0xffffffffn;
  let [a, b, c, d] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const first = 0xd2511f53n * a;
    const second = 0xcd9e8d57n * c;
    [a, b, c, d] = [(second >> 32n) ^ b ^ k0, second & mask, (first >> 32n) ^ d ^ k1, first & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [a, b, c, d].map(Number);
}

function philox(counter: readonly number[], key: readonly number[]): number[] {
  const block = Uint32Array.from(counter);
  philox4x32(block, key[0], key[1]);
  return [...block];
}

/** Sum of (observed - expected)^2 / expected. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('philox4x32', () => {
  // kat_vectors of Random123, the authors' own library.
  test.each([
    { name: 'zeros', counter: [0, 0, 0, 0], key: [0, 0], expected: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
    {
      name: 'ones',
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    },
    {
      name: 'digits of pi',
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    },
  ])('known answer: $name', ({ counter, key, expected }) => {
    expect(philox(counter, key)).toEqual(expected);
    expect(philoxOracle(counter, key)).toEqual(expected);
  });

  test('equals the definition in BigInt on 2,000 chained counters', () => {
    let counter = [1, 2, 3, 4];
    for (let i = 0; i < 2000; i++) {
      const key = [counter[3], counter[1]];
      const next = philox(counter, key);
      expect(next).toEqual(philoxOracle(counter, key));
      counter = next;
    }
  });

  test('every counter and key bit changes about half of the output bits', () => {
    const base = philox([5, 6, 7, 8], [9, 10]);
    for (let bit = 0; bit < 192; bit++) {
      const words = [5, 6, 7, 8, 9, 10];
      words[bit >> 5] = (words[bit >> 5] ^ (1 << (bit & 31))) >>> 0;
      const other = philox(words.slice(0, 4), words.slice(4));
      const changed = other.reduce((sum, word, i) => sum + (word ^ base[i]).toString(2).replace(/[^1]/g, '').length, 0);
      expect(changed, `bit ${bit}`).toBeGreaterThan(20);
    }
  });
});

describe('RandomStream', () => {
  test.each([
    ['no item', 0, (seed: number) => new RandomStream(seed, 'a purpose', 77)],
    ['item 0', 0, (seed: number) => new RandomStream(seed, 'a purpose', 77, 0)],
    ['item 5', 5, (seed: number) => new RandomStream(seed, 'a purpose', 77, 5)],
    ['item 2^32 - 1', 0xffffffff, (seed: number) => new RandomStream(seed, 'a purpose', 77, 0xffffffff)],
  ])('%s: number i is lane i mod 4 of the block with counter (i / 4, step, purpose, %i) and the seed as key', (_, item, create) => {
    const seed = 0x12345678_9abcd;
    const stream = create(seed);
    for (let i = 0; i < 41; i++) {
      const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
      expect(stream.next(), `number ${i}`).toBe(philoxOracle([i >> 2, 77, purposeId('a purpose'), item], key)[i & 3]);
    }
  });

  test('purposes are hashed by FNV-1a', () => {
    expect(purposeId('')).toBe(0x811c9dc5);
    expect(purposeId('a')).toBe(0xe40c292c);
    expect(purposeId('foobar')).toBe(0xbf9cf968);
  });

  test('seeds are whole numbers below 2^53', () => {
    expect(seedKey(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => seedKey(seed)).toThrow(/seed: got .*, expected a whole number/);
  });

  test('bytes of 40,000 numbers are uniform', () => {
    const stream = new RandomStream(1, 'uniformity');
    const counts = new Array(256).fill(0);
    for (let i = 0; i < 40000; i++) {
      const word = stream.next();
      for (let shift = 0; shift < 32; shift += 8) counts[(word >>> shift) & 255]++;
    }
    // 255 degrees of freedom: mean 255, standard deviation 22.6; 5 deviations.
    const chi = chiSquare(counts, 160000 / 256);
    expect(chi).toBeGreaterThan(142);
    expect(chi).toBeLessThan(368);
  });

  test('uniform() has mean 1/2 and variance 1/12', () => {
    const stream = new RandomStream(2, 'moments');
    let sum = 0;
    let squares = 0;
    const n = 100000;
    for (let i = 0; i < n; i++) {
      const x = stream.uniform();
      expect(x >= 0 && x < 1).toBe(true);
      sum += x;
      squares += x * x;
    }
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.005);
    expect(Math.abs(squares / n - (sum / n) ** 2 - 1 / 12)).toBeLessThan(0.002);
  });

  test.each([
    ['seeds', new RandomStream(3, 'p', 0), new RandomStream(4, 'p', 0)],
    ['purposes', new RandomStream(3, 'p', 0), new RandomStream(3, 'q', 0)],
    ['steps', new RandomStream(3, 'p', 0), new RandomStream(3, 'p', 1)],
    ['items', new RandomStream(3, 'p', 0), new RandomStream(3, 'p', 0, 1)],
    ['step and item swapped', new RandomStream(3, 'p', 2, 1), new RandomStream(3, 'p', 1, 2)],
    ['neighbours in one stream', new RandomStream(3, 'p', 0), advanced(new RandomStream(3, 'p', 0))],
  ])('streams of different %s are uncorrelated', (_, first, second) => {
    const n = 50000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (first.uniform() - 0.5) * (second.uniform() - 0.5);
    // Standard deviation of the mean: 1 / (12 sqrt n) = 0.00037; 5 deviations.
    expect(Math.abs(sum / n)).toBeLessThan(0.0019);
  });

  test('integer(n) covers 0 to n - 1 evenly', () => {
    const stream = new RandomStream(5, 'integer');
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70000; i++) counts[stream.integer(7)]++;
    expect(chiSquare(counts, 10000)).toBeLessThan(30);
  });

  test('shuffle gives each of the 24 orders of four values equally often', () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 24000; step++) {
      const values = Uint32Array.of(0, 1, 2, 3);
      new RandomStream(6, 'orders', step).shuffle(values);
      const order = values.join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 23 degrees of freedom: mean 23, standard deviation 6.8; 5 deviations.
    expect(chiSquare([...counts.values()], 1000)).toBeLessThan(57);
  });
});

function advanced(stream: RandomStream): RandomStream {
  stream.next();
  return stream;
}
