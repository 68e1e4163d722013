import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { arrayDataset } from '../../src/data/array-dataset.js';
import type { Dataset } from '../../src/data/dataset.js';
import { type BatchOptions, batches, shuffledIndices, validationSplit } from '../../src/data/loader.js';

const shape = { height: 1, width: 2, channels: 1 };

/** Sample i has the pixels i and 255 - i and the label i mod 7. */
function numbered(length: number, type: 'u8' | 'f32' = 'u8'): Dataset {
  const bytes = Uint8Array.from({ length: 2 * length }, (_, i) => (i % 2 ? 255 - (i >> 1) : i >> 1));
  const images = type === 'u8' ? bytes : Float32Array.from(bytes);
  return arrayDataset({ images, labels: Array.from({ length }, (_, i) => i % 7), shape, classes: 7 });
}

/** The samples of each batch, after checking that pixels and labels belong to them. */
function samples(dataset: Dataset, options: BatchOptions): number[][] {
  const result: number[][] = [];
  for (const { images, labels, indices, count } of batches(dataset, options)) {
    expect(indices.length).toBe(count);
    result.push([...images].slice(0, 2 * count).filter((_, i) => i % 2 === 0));
    for (let i = 0; i < count; i++) {
      expect([images[2 * i], images[2 * i + 1], labels[i]]).toEqual([indices[i], 255 - indices[i], indices[i] % 7]);
    }
  }
  return result;
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

describe('batches', () => {
  test.each([
    [1, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [3, [3, 3, 3, 1]],
    [5, [5, 5]],
    [10, [10]],
    [64, [10]],
  ])('batch size %i of 10 samples', (batchSize, counts) => {
    const inOrder = samples(numbered(10), { batchSize, shuffle: false });
    expect(inOrder.map((batch) => batch.length)).toEqual(counts);
    expect(inOrder.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const shuffled = samples(numbered(10), { batchSize, seed: 3, epoch: 2 });
    expect(shuffled.map((batch) => batch.length)).toEqual(counts);
    expect(shuffled.flat()).toEqual(fisherYates(10, new RandomStream(3, 'shuffle', 2)));
  });

  test('dropLast leaves out what does not fill a batch', () => {
    expect(samples(numbered(10), { batchSize: 4, shuffle: false, dropLast: true })).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(samples(numbered(10), { batchSize: 11, dropLast: true })).toEqual([]);
    expect(samples(numbered(10), { batchSize: 5, dropLast: true })).toHaveLength(2);
  });

  test('f32 data and reused buffers', () => {
    const buffers = new Set<unknown>();
    for (const { images, labels } of batches(numbered(9, 'f32'), { batchSize: 2 })) {
      expect(images).toBeInstanceOf(Float32Array);
      buffers.add(images).add(labels);
    }
    expect(buffers.size).toBe(2);
    expect(samples(numbered(9, 'f32'), { batchSize: 2 }).flat()).toHaveLength(9);
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

  test.each<[string, BatchOptions, RegExp]>([
    ['batchSize 0', { batchSize: 0 }, /batchSize: got 0/],
    ['batchSize 1.5', { batchSize: 1.5 }, /batchSize: got 1\.5/],
    ['negative seed', { batchSize: 1, seed: -1 }, /seed: got -1/],
    ['negative epoch', { batchSize: 1, epoch: -1 }, /epoch: got -1/],
    ['epoch beyond u32', { batchSize: 1, epoch: 2 ** 32 }, /epoch: got 4294967296/],
  ])('rejects %s at the call', (_, options, message) => {
    expect(() => batches(numbered(3), options)).toThrow(message);
  });
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
