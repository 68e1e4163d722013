import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fashionMnist } from '../../src/data/fashion-mnist.js';
import { mnist } from '../../src/data/mnist.js';
import { loadDataset } from '../../src/data/registry.js';
import { idxImages, idxLabels } from './idx-files.js';

let dataDir: string;
const image = (i: number): number => (i * 31) % 251;

/** Four small files with official names; an entry of undefined is left out. */
async function write(folder: string, changes: Record<string, Uint8Array | undefined> = {}): Promise<void> {
  const files: Record<string, Uint8Array | undefined> = {
    'train-images-idx3-ubyte': idxImages(2, 28, 28, image),
    'train-labels-idx1-ubyte': idxLabels([3, 9]),
    't10k-images-idx3-ubyte': idxImages(1, 28, 28, (i) => 255 - image(i)),
    't10k-labels-idx1-ubyte': idxLabels([7]),
    ...changes,
  };
  await mkdir(join(dataDir, folder), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) if (bytes) await writeFile(join(dataDir, folder, name), bytes);
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bitgauss-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

function firstImage(dataset: { read: (indices: Uint32Array, into: { images: Uint8Array; labels: Uint8Array }) => void }): number[] {
  const into = { images: new Uint8Array(784), labels: new Uint8Array(1) };
  dataset.read(Uint32Array.of(0), into);
  return [...into.images, into.labels[0]];
}

describe('official files', () => {
  const expected = [...Array.from({ length: 784 }, (_, i) => image(i)), 3];

  test('plain', async () => {
    await write('mnist');
    const { train, test } = await mnist({ dataDir });
    expect([train.length, test.length, train.classes]).toEqual([2, 1, 10]);
    expect(firstImage(train)).toEqual(expected);
    expect(firstImage(test)[0]).toBe(255);
  });

  test('gzipped', async () => {
    await write('fashion-mnist', {
      'train-images-idx3-ubyte': undefined,
      'train-images-idx3-ubyte.gz': gzipSync(idxImages(2, 28, 28, image)),
      't10k-labels-idx1-ubyte': undefined,
      't10k-labels-idx1-ubyte.gz': gzipSync(idxLabels([5])),
    });
    const { train, test } = await fashionMnist({ dataDir });
    expect(firstImage(train)).toEqual(expected);
    expect(firstImage(test)[784]).toBe(5);
    expect(train.labels[9]).toBe('Ankle boot');
  });

  test('gzipped under the plain name, and unpacked under the name with .gz', async () => {
    await write('mnist', {
      'train-images-idx3-ubyte': gzipSync(idxImages(2, 28, 28, image)),
      'train-labels-idx1-ubyte': undefined,
      'train-labels-idx1-ubyte.gz': idxLabels([3, 9]),
    });
    expect(firstImage((await mnist({ dataDir })).train)).toEqual(expected);
  });

  test('a missing file: what, where, and where to get it', async () => {
    await write('mnist', { 't10k-labels-idx1-ubyte': undefined });
    const failure = loadDataset('mnist', { dataDir });
    await expect(failure).rejects.toMatchObject({ code: 'data' });
    await expect(failure).rejects.toThrow(/t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte\.gz/);
    await expect(failure).rejects.toThrow(join(dataDir, 'mnist'));
    await expect(failure).rejects.toThrow(/MNIST page of Yann LeCun/);
    await expect(fashionMnist({ dataDir })).rejects.toThrow(/Fashion-MNIST: got no file train-images-idx3-ubyte .*Zalando Research/);
  });

  const packed = gzipSync(idxImages(2, 28, 28, image));
  const flipped = Uint8Array.from(packed);
  flipped[packed.length - 6] ^= 1;
  test.each<[string, Record<string, Uint8Array | undefined>, RegExp]>([
    ['gzip with a wrong checksum', { 'train-images-idx3-ubyte': flipped }, /train-images-idx3-ubyte: damaged gzip data/],
    ['gzip truncated', { 'train-images-idx3-ubyte': packed.subarray(0, -20) }, /train-images-idx3-ubyte: damaged gzip data/],
    ['gzip header only', { 'train-images-idx3-ubyte': packed.subarray(0, 10) }, /train-images-idx3-ubyte: damaged gzip data/],
    ['counts that differ', { 'train-labels-idx1-ubyte': idxLabels([1]) }, /train-labels-idx1-ubyte: labels: got 1, expected 2/],
    ['label 10', { 't10k-labels-idx1-ubyte': idxLabels([10]) }, /t10k-labels-idx1-ubyte: label 0: got 10, expected 0 to 9/],
    ['images of 27 x 28', { 't10k-images-idx3-ubyte': idxImages(1, 27, 28, image) }, /image size: got 27 x 28, expected 28 x 28 for MNIST/],
  ])('rejects %s', async (_, changes, message) => {
    await write('mnist', changes);
    await expect(mnist({ dataDir })).rejects.toThrow(message);
    await expect(mnist({ dataDir })).rejects.toMatchObject({ code: 'data' });
  });
});
