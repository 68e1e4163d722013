import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { arrayDataset } from '../../src/data/array-dataset.js';
import type { Dataset } from '../../src/data/dataset.js';
import { shuffledIndices, validationSplit } from '../../src/data/loader.js';

const shape = { height: 1, width: 2, channels: 1 };

/** Sample i has the pixels i and 255 - i and the label i mod 7. */
function numbered(length: number): Dataset {
  const images = Uint8Array.from({ length: 2 * length }, (_, i) => (i % 2 ? 255 - (i >> 1) : i >> 1));
  return arrayDataset({ images, labels: Array.from({ length }, (_, i) => i % 7), shape, classes: 7 });
}

/** Fisher-Yates from the end, written down from its definition. */
function fisherYates(length: number, random: RandomStream): number[] {
  const rest = Array.from({ length }, (_, i) => i);
  for (let last = length - 1; last > 0; last--) {
    const chosen = Math.floor((random.next() / 2 ** 32) * (last + 1));
    [rest[last], rest[chosen]] = [rest[chosen], rest[last]];
  }
  return rest;
}

describe('shuffledIndices', () => {
  test.each([1, 2, 10, 1000])('%i samples: Fisher-Yates with the stream of the epoch', (length) => {
    expect([...shuffledIndices(length, 3, 2)]).toEqual(fisherYates(length, new RandomStream(3, 'shuffle', 2)));
  });

  test('the order depends on seed and epoch', () => {
    const orders = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ].map(([seed, epoch]) => shuffledIndices(50, seed, epoch).join());
    expect(new Set(orders).size).toBe(4);
    expect(shuffledIndices(50, 0, 1).join()).toBe(orders[1]);
  });

  test.each<[string, number, number, RegExp]>([
    ['negative seed', -1, 0, /seed: got -1/],
    ['negative epoch', 0, -1, /epoch: got -1/],
    ['epoch beyond u32', 0, 2 ** 32, /epoch: got 4294967296/],
  ])('rejects a %s', (_, seed, epoch, message) => expect(() => shuffledIndices(3, seed, epoch)).toThrow(message));
});

describe('validationSplit', () => {
  test('the last samples of a shuffle by seed', () => {
    const { train, validation } = validationSplit(numbered(20), 6, 5);
    const order = fisherYates(20, new RandomStream(5, 'validation-split'));
    const plain = (dataset: Dataset): number[] => {
      const images = new Uint8Array(2 * dataset.length);
      dataset.read(
        Uint32Array.from({ length: dataset.length }, (_, i) => i),
        { images, labels: new Uint8Array(20) },
      );
      return [...images].filter((_, i) => i % 2 === 0);
    };
    expect(plain(train)).toEqual(order.slice(0, 14));
    expect(plain(validation)).toEqual(order.slice(14));
  });

  test.each([0, 20, 21, 1.5])('rejects a count of %d of 20', (count) => {
    expect(() => validationSplit(numbered(20), count, 0)).toThrow(/count: got .*, expected a whole number from 1 to 19/);
  });

  test('rejects a single sample', () => {
    expect(() => validationSplit(numbered(1), 1, 0)).toThrow(/dataset\.length: got 1/);
  });
});
