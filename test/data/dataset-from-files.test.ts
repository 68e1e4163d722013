// Files as a page gets them: bytes and names, in any order, of any kind.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { cifar10 } from '../../src/data/cifar10.js';
import { type Dataset, datasetFromFiles, mnist, type NamedBytes } from '../../src/data.js';
import { idxImages, idxLabels } from './idx-files.js';

const named = (files: Record<string, Uint8Array>): NamedBytes[] => Object.entries(files).map(([name, bytes]) => ({ name, bytes }));

function read(dataset: Dataset, indices: number[]): { images: number[]; labels: number[] } {
  const { height, width, channels } = dataset.shape;
  const into = { images: new Uint8Array(indices.length * height * width * channels), labels: new Int32Array(indices.length) };
  dataset.read(Uint32Array.from(indices), into);
  return { images: [...into.images], labels: [...into.labels] };
}

const images = idxImages(3, 2, 2, (i) => i);
const labels = idxLabels([4, 0, 7]);

/** CIFAR records whose pixels are all `label`. */
const records = (...values: number[][]): Uint8Array => Uint8Array.from(values.flatMap((own) => [...own, ...Array(3072).fill(own[0])]));

describe('idx files', () => {
  test('images with their labels, plain and gzipped, in any order', async () => {
    const sets: Record<string, Uint8Array>[] = [
      { 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels },
      { 'train-labels-idx1-ubyte.gz': new Uint8Array(gzipSync(labels)), 'train-images-idx3-ubyte.gz': new Uint8Array(gzipSync(images)) },
      { b: labels, a: images },
    ];
    for (const files of sets) {
      const set = await datasetFromFiles(named(files));
      expect(set.format).toBe('idx');
      expect(set.train).toMatchObject({ length: 3, shape: { height: 2, width: 2, channels: 1 }, classes: 10 });
      expect(set.train.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      expect([set.test, set.augmentation]).toEqual([undefined, undefined]);
      expect(read(set.train, [2, 0])).toEqual({ images: [8, 9, 10, 11, 0, 1, 2, 3], labels: [7, 4] });
    }
  });

  test('all four files; the test files alone', async () => {
    const testing = { 't10k-images-idx3-ubyte': idxImages(1, 2, 2, () => 9), 't10k-labels-idx1-ubyte': idxLabels([5]) };
    const both = await datasetFromFiles(named({ 'train-images-idx3-ubyte': images, 'train-labels-idx1-ubyte': labels, ...testing }));
    expect([both.train.length, both.test?.length]).toEqual([3, 1]);
    expect(read(both.test!, [0])).toEqual({ images: [9, 9, 9, 9], labels: [5] });
    const alone = await datasetFromFiles(named(testing));
    expect([alone.train.length, alone.test]).toEqual([1, undefined]);
  });

  test('more than ten classes', async () => {
    const { train } = await datasetFromFiles(named({ images, labels: idxLabels([11, 0, 3]) }));
    expect([train.classes, train.labels[11]]).toEqual([12, '11']);
  });
});

describe('CIFAR files', () => {
  test('batches of CIFAR-10, joined in order of their names; test_batch is the test set', async () => {
    const set = await datasetFromFiles(
      named({ 'data_batch_2.bin': records([3]), 'test_batch.bin': records([8]), 'data_batch_1.bin': records([1], [2]) }),
    );
    expect(set.format).toBe('cifar10');
    expect(set.train).toMatchObject({ length: 3, shape: { height: 32, width: 32, channels: 3 }, classes: 10 });
    expect(set.train.labels[9]).toBe('truck');
    expect(read(set.train, [0, 1, 2]).labels).toEqual([1, 2, 3]);
    expect(read(set.train, [2]).images).toEqual(Array(3072).fill(3));
    expect(read(set.test!, [0]).labels).toEqual([8]);
    expect(set.augmentation?.name).toBe('crop-flip');
  });

  test('CIFAR-100: fine labels, or coarse ones', async () => {
    const files = named({ 'train.bin': records([2, 71], [19, 99]) });
    expect(read((await datasetFromFiles(files)).train, [0, 1]).labels).toEqual([71, 99]);
    const { train, format } = await datasetFromFiles(files, { labels: 'coarse' });
    expect(read(train, [0, 1]).labels).toEqual([2, 19]);
    expect([format, train.classes]).toEqual(['cifar100', 20]);
  });
});

describe('what is refused, with one message', () => {
  test.each<[string, Record<string, Uint8Array>, RegExp]>([
    [
      'a photograph',
      { 'cat.jpg': Uint8Array.of(255, 216, 255, 224) },
      /^cat\.jpg: got 4 bytes of another kind, expected the official files/,
    ],
    ['an empty file', { 'train.bin': new Uint8Array(0) }, /^train\.bin: got 0 bytes of another kind/],
    [
      'images alone',
      { 'train-images-idx3-ubyte': images },
      /^train-images.*: got 1 file of images and 0 of labels, expected one of images/,
    ],
    ['labels twice', { a: images, b: labels, c: labels }, /^a, b, c: got 1 file of images and 2 of labels/],
    ['images that are cut short', { a: images.subarray(0, 20), b: labels }, /^a: truncated, size: got 20 bytes, expected 28/],
    ['fewer labels than images', { a: images, b: idxLabels([1]) }, /^b: labels: got 1, expected 3/],
    ['a label that is no class', { 'data_batch_1.bin': records([10]) }, /^data_batch_1\.bin: label of record 0: got 10, expected 0 to 9/],
    ['two kinds', { a: images, b: records([1]) }, /^b: got a file of cifar10, expected one of idx, as a is/],
    ['gzip that is damaged', { 'a.gz': new Uint8Array(gzipSync(images)).subarray(0, 20) }, /^a\.gz: damaged gzip data/],
  ])('%s', async (_, files, message) => {
    await expect(datasetFromFiles(named(files))).rejects.toThrow(message);
    await expect(datasetFromFiles(named(files))).rejects.toMatchObject({ code: 'data' });
  });

  test('no files', async () => {
    await expect(datasetFromFiles([])).rejects.toThrow(/files: got \[\], expected an array of one or more/);
  });
});

const dataDir = process.env.BITGAUSS_DATA;
const official = (folder: string, names: string[]): NamedBytes[] =>
  names.map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(dataDir ?? '', folder, name))) }));

describe.skipIf(dataDir === undefined)('official files (BITGAUSS_DATA is not set)', () => {
  test('MNIST gives what mnist() gives', async () => {
    const names = ['train', 't10k'].flatMap((part) => [`${part}-images-idx3-ubyte`, `${part}-labels-idx1-ubyte`]);
    const set = await datasetFromFiles(official('mnist', names));
    const whole = await mnist({ dataDir });
    expect([set.train.length, set.test?.length]).toEqual([60000, 10000]);
    expect(read(set.train, [0, 59999])).toEqual(read(whole.train, [0, 59999]));
    expect(read(set.test!, [0, 9999])).toEqual(read(whole.test, [0, 9999]));
  });

  test('a batch of CIFAR-10 gives what cifar10() begins with', async () => {
    const set = await datasetFromFiles(official('cifar10', ['data_batch_1.bin']));
    expect(read(set.train, [0, 9999])).toEqual(read((await cifar10({ dataDir })).train, [0, 9999]));
  });
});
