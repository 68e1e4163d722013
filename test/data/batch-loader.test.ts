import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { arrayDataset } from '../../src/data/array-dataset.js';
import { type Augmentation, cropFlip } from '../../src/data/augment.js';
import { BatchLoader } from '../../src/data/batch-loader.js';
import type { Dataset, ImageShape, SampleBuffers } from '../../src/data/dataset.js';
import { TestRandom } from '../helpers/random.js';

const shape = { height: 6, width: 5, channels: 3 };
const SIZE = 90;

/** Random pixels, so that every sample is itself; the label of sample i is i mod 7. */
function samples(length: number, type: 'u8' | 'f32' = 'u8', size: ImageShape = shape): Dataset {
  const random = new TestRandom(length);
  const values = length * size.height * size.width * size.channels;
  const images =
    type === 'u8'
      ? Uint8Array.from({ length: values }, () => random.integer(0, 255))
      : Float32Array.from({ length: values }, () => random.f32(-2, 2));
  return arrayDataset({ images, labels: Array.from({ length }, (_, i) => i % 7), shape: size, classes: 7 });
}

function buffers(dataset: Dataset, count: number): { images: Uint8Array | Float32Array; labels: Int32Array } {
  const values = count * dataset.shape.height * dataset.shape.width * dataset.shape.channels;
  return { images: dataset.type === 'u8' ? new Uint8Array(values) : new Float32Array(values), labels: new Int32Array(count) };
}

function imageOf(dataset: Dataset, index: number): Uint8Array | Float32Array {
  const into = buffers(dataset, 1);
  dataset.read(Uint32Array.of(index), into);
  return into.images;
}

/** Sample `index` in `epoch` by the definition: a window of the image in a big array of zeros, its columns from the right when flipped. */
function oracle(dataset: Dataset, index: number, seed: number, epoch: number): number[] {
  const { height, width, channels } = dataset.shape;
  const stream = new RandomStream(seed, 'augment', epoch, index);
  const [top, left] = [stream.next(), stream.next()].map((number) => Math.floor((number / 2 ** 32) * 9));
  const flipped = stream.next() < 2 ** 31;
  const image = imageOf(dataset, index);
  const wide = width + 8;
  const big = new Float64Array((height + 8) * wide * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) big[((y + 4) * wide + x + 4) * channels + c] = image[(y * width + x) * channels + c];
  const result: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) result.push(big[((y + top) * wide + left + (flipped ? width - 1 - x : x)) * channels + c]);
  return result;
}

/** One batch, with `advances` calls between begin and take. */
function load(loader: BatchLoader, dataset: Dataset, indices: Uint32Array, epoch: number, advances = 0): number[] {
  loader.begin(indices, epoch);
  for (let i = 0; i < advances; i++) loader.advance();
  const into = buffers(dataset, indices.length);
  expect(loader.take(into)).toBe(indices.length);
  expect([...into.labels]).toEqual([...indices].map((index) => index % 7));
  return [...into.images];
}

const sequence = (length: number, first = 0): Uint32Array => Uint32Array.from({ length }, (_, i) => first + i);

describe('what a batch holds', () => {
  test.each(['u8', 'f32'] as const)('without augmentation, the samples themselves: %s', (type) => {
    const dataset = samples(50, type);
    const loader = new BatchLoader(dataset, { batchSize: 40, seed: 1 });
    const indices = Uint32Array.of(49, 3, 3, 0, ...sequence(30, 10));
    const expected = [...indices].flatMap((index) => [...imageOf(dataset, index)]);
    expect(load(loader, dataset, indices, 0)).toEqual(expected);
    expect(load(loader, dataset, indices, 5, 2)).toEqual(expected);
  });

  test.each(['u8', 'f32'] as const)('with crop and flip, the definition: %s', (type) => {
    const dataset = samples(70, type);
    const loader = new BatchLoader(dataset, { batchSize: 70, seed: 2 ** 40 + 9, augmentation: cropFlip() });
    for (const epoch of [0, 1, 0xffffffff]) {
      const expected = [...sequence(70)].flatMap((index) => oracle(dataset, index, 2 ** 40 + 9, epoch));
      expect(load(loader, dataset, sequence(70), epoch), `epoch ${epoch}`).toEqual(expected);
    }
  });

  test.each([1, 15, 16, 17, 32, 33, 50])('a batch of %i is the same whatever advance() did before take()', (count) => {
    const dataset = samples(60);
    const loader = new BatchLoader(dataset, { batchSize: 50, seed: 3, augmentation: cropFlip() });
    const expected = load(loader, dataset, sequence(count, 7), 4);
    for (let advances = 1; advances < 6; advances++) expect(load(loader, dataset, sequence(count, 7), 4, advances)).toEqual(expected);
  });

  test('a sample is the same in any batch, at any place, after any others; not in another epoch or with another seed', () => {
    const dataset = samples(40);
    const options = { batchSize: 40, seed: 5, augmentation: cropFlip() };
    const loader = new BatchLoader(dataset, options);
    const whole = load(loader, dataset, sequence(40), 2);
    const image = (index: number) => whole.slice(index * SIZE, (index + 1) * SIZE);
    const backwards = sequence(40).reverse();
    expect(load(loader, dataset, backwards, 2)).toEqual([...backwards].flatMap(image));
    for (const index of [0, 21, 39]) {
      expect(load(new BatchLoader(dataset, { ...options, batchSize: 1 }), dataset, Uint32Array.of(index), 2)).toEqual(image(index));
    }
    const different = (other: number[]): number =>
      [...sequence(40)].filter((i) => other.slice(i * SIZE, (i + 1) * SIZE).join() !== image(i).join()).length;
    // 162 changes are possible, so 40 samples have at most one or two in common by chance.
    expect(different(load(loader, dataset, sequence(40), 3))).toBeGreaterThan(35);
    expect(different(load(new BatchLoader(dataset, { ...options, seed: 6 }), dataset, sequence(40), 2))).toBeGreaterThan(35);
  });

  test('the caller may change his indices after begin()', () => {
    const dataset = samples(40);
    const loader = new BatchLoader(dataset, { batchSize: 40, seed: 0 });
    const indices = sequence(40);
    loader.begin(indices, 0);
    loader.advance();
    indices.fill(0);
    const into = buffers(dataset, 40);
    loader.take(into);
    expect([...into.images]).toEqual([...sequence(40)].flatMap((index) => [...imageOf(dataset, index)]));
  });
});

describe('pieces', () => {
  /** Notes which samples were asked for in each read. */
  function watched(dataset: Dataset): { reads: number[][]; dataset: Dataset } {
    const reads: number[][] = [];
    const read = (indices: Uint32Array, into: SampleBuffers): void => {
      reads.push([...indices]);
      dataset.read(indices, into);
    };
    return { reads, dataset: { ...dataset, read } };
  }

  test.each([undefined, cropFlip()])('16 samples a call, and false once nothing is left: %o', (augmentation) => {
    const { reads, dataset } = watched(samples(40));
    const loader = new BatchLoader(dataset, { batchSize: 40, seed: 0, augmentation });
    expect(loader.advance()).toBe(false);
    loader.begin(sequence(40), 0);
    expect(reads).toEqual([]);
    expect([loader.advance(), loader.advance(), loader.advance(), loader.advance()]).toEqual([true, true, false, false]);
    expect(reads).toEqual([[...sequence(16)], [...sequence(16, 16)], [...sequence(8, 32)]]);
    loader.take(buffers(dataset, 40));
    expect(loader.advance()).toBe(false);
    expect(reads).toHaveLength(3);
  });

  test('fewer of large images, at least one', () => {
    const sides: [number, number][] = [
      [64, 16],
      [100, 6],
      [300, 1],
    ];
    for (const [side, expected] of sides) {
      const { reads, dataset } = watched(samples(20, 'u8', { height: side, width: side, channels: 1 }));
      const loader = new BatchLoader(dataset, { batchSize: 20, seed: 0, augmentation: cropFlip() });
      loader.begin(sequence(20), 0);
      loader.advance();
      expect(reads[0].length, `${side} x ${side}`).toBe(expected);
    }
  });

  test('writes the first samples of longer buffers, of each type of labels, and leaves the rest', () => {
    const dataset = samples(20);
    const loader = new BatchLoader(dataset, { batchSize: 20, seed: 0 });
    for (const labels of [new Uint8Array(5).fill(99), new Uint16Array(5).fill(99), new Int32Array(5).fill(99)]) {
      const images = new Uint8Array(5 * SIZE).fill(99);
      loader.begin(Uint32Array.of(8, 2, 19), 0);
      expect(loader.take({ images, labels })).toBe(3);
      expect([...labels]).toEqual([1, 2, 5, 99, 99]);
      expect(new Set(images.subarray(3 * SIZE))).toEqual(new Set([99]));
      expect([...images.subarray(SIZE, 2 * SIZE)]).toEqual([...imageOf(dataset, 2)]);
    }
  });
});

describe('rejects', () => {
  const dataset = samples(20);
  const create = () => new BatchLoader(dataset, { batchSize: 8, seed: 0 });

  test.each<[string, () => void, RegExp]>([
    ['batchSize 0', () => new BatchLoader(dataset, { batchSize: 0, seed: 0 }), /batchSize: got 0/],
    ['a negative seed', () => new BatchLoader(dataset, { batchSize: 8, seed: -1 }), /seed: got -1/],
    ['no samples', () => create().begin(sequence(0), 0), /indices\.length: got 0, expected a whole number from 1 to 8/],
    ['more samples than batchSize', () => create().begin(sequence(9), 0), /indices\.length: got 9/],
    ['an index out of range', () => create().begin(Uint32Array.of(0, 20), 0), /indices\[1\]: got 20, expected .* 0 to 19/],
    ['epoch -1', () => create().begin(sequence(3), -1), /epoch: got -1/],
    ['take() before begin()', () => create().take(buffers(dataset, 8)), /no batch to take; call begin\(\) first/],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'argument' }));
  });

  test('begin() before take(), and take() twice', () => {
    const loader = create();
    loader.begin(sequence(8), 0);
    while (loader.advance());
    expect(() => loader.begin(sequence(8), 0)).toThrow(/has not been taken; call take\(\) first/);
    loader.take(buffers(dataset, 8));
    expect(() => loader.take(buffers(dataset, 8))).toThrow(/no batch to take/);
  });

  test('buffers of another type or too small; the batch can still be taken', () => {
    const loader = create();
    loader.begin(sequence(8), 0);
    expect(() => loader.take({ images: new Float32Array(8 * SIZE), labels: new Int32Array(8) })).toThrow(/into\.images: got Float32Array/);
    expect(() => loader.take(buffers(dataset, 7))).toThrow(/into\.images\.length: got 630, expected at least 720/);
    expect(loader.take(buffers(dataset, 8))).toBe(8);
  });

  test.each<[string, number, Augmentation | undefined]>([
    ['12', 12, undefined],
    ['7, with augmentation', 7, cropFlip()],
    ['-1', -1, undefined],
  ])('labels outside of the classes, early and late: %s', (_, label, augmentation) => {
    const wrong: Dataset = {
      ...dataset,
      read(indices, into): void {
        dataset.read(indices, into);
        indices.forEach((index, i) => {
          if (index === 17) into.labels[i] = label;
        });
      },
    };
    const loader = new BatchLoader(wrong, { batchSize: 20, seed: 0, augmentation });
    const failure = expect.objectContaining({ code: 'data', message: `label of sample 17: got ${label}, expected 0 to 6` });
    loader.begin(sequence(20), 0);
    expect(loader.advance()).toBe(true);
    expect(() => loader.advance()).toThrow(failure);
    expect(() => loader.take(buffers(dataset, 20))).toThrow(failure);
  });
});
