import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cifar10 } from '../../src/data/cifar10.js';
import { cifar100 } from '../../src/data/cifar100.js';
import type { Dataset } from '../../src/data/dataset.js';
import { loadDataset } from '../../src/data/registry.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bitgauss-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** The pixel of sample `id`, the same function for files and for what is read from them. */
const pixel = (id: number, channel: number, row: number, column: number): number =>
  (id * 101 + channel * 59 + row * 7 + column * 3 + row * column) & 255;

/** One record, byte by byte from the format's description: labels, then the planes. */
function record(id: number, labels: readonly number[]): number[] {
  const bytes = [...labels];
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < 32; row++) for (let column = 0; column < 32; column++) bytes.push(pixel(id, channel, row, column));
  return bytes;
}

/** Records numbered from `id`. */
const file = (id: number, ...labels: number[][]): Uint8Array => Uint8Array.from(labels.flatMap((each, i) => record(id + i, each)));

type Files = Record<string, Uint8Array | undefined>;

/** Small files with official names; an entry of undefined is left out. */
async function write(folder: string, files: Files): Promise<void> {
  await mkdir(join(dataDir, folder), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) if (bytes) await writeFile(join(dataDir, folder, name), bytes);
}

function expectSamples(dataset: Dataset, ids: readonly number[], labels: readonly number[]): void {
  expect(dataset).toMatchObject({ length: ids.length, shape: { height: 32, width: 32, channels: 3 }, type: 'u8' });
  const into = { images: new Uint8Array(ids.length * 3072), labels: new Uint8Array(ids.length) };
  dataset.read(
    Uint32Array.from(ids, (_, i) => i),
    into,
  );
  expect([...into.labels]).toEqual(labels);
  const wrong: string[] = [];
  ids.forEach((id, i) => {
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < 32; column++)
        for (let channel = 0; channel < 3; channel++) {
          const got = into.images[((i * 32 + row) * 32 + column) * 3 + channel];
          if (got !== pixel(id, channel, row, column)) wrong.push(`sample ${i}: [${row}, ${column}, ${channel}]`);
        }
  });
  expect(wrong).toEqual([]);
}

const ten: Files = {
  'data_batch_1.bin': file(1, [3], [9]),
  'data_batch_2.bin': file(3, [0]),
  'data_batch_3.bin': file(4, [5]),
  'data_batch_4.bin': file(5, [7], [7], [2]),
  'data_batch_5.bin': file(8, [1]),
  'test_batch.bin': file(9, [8], [4]),
};

describe('cifar10', () => {
  test('joins the five files in order; channels last', async () => {
    await write('cifar10', ten);
    const { train, test, augmentation } = await cifar10({ dataDir });
    expectSamples(train, [1, 2, 3, 4, 5, 6, 7, 8], [3, 9, 0, 5, 7, 7, 2, 1]);
    expectSamples(test, [9, 10], [8, 4]);
    expect([train.classes, train.labels[0], train.labels[9]]).toEqual([10, 'airplane', 'truck']);
    expect(augmentation).toMatchObject({ name: 'crop-flip', options: { padding: 4, flip: true } });
  });

  test('gzipped files', async () => {
    const [first, last] = [gzipSync(ten['data_batch_1.bin']!), gzipSync(ten['test_batch.bin']!)];
    await write('cifar10', { ...ten, 'data_batch_1.bin': undefined, 'data_batch_1.bin.gz': first, 'test_batch.bin': last });
    const { train, test } = await cifar10({ dataDir });
    expectSamples(train, [1, 2, 3, 4, 5, 6, 7, 8], [3, 9, 0, 5, 7, 7, 2, 1]);
    expectSamples(test, [9, 10], [8, 4]);
  });

  test('samples in any order, repeated, more than are read at a time', async () => {
    await write('cifar10', ten);
    const { train } = await cifar10({ dataDir });
    const indices = Uint32Array.from({ length: 300 }, (_, i) => (i * 5) % 8);
    const into = { images: new Uint8Array(300 * 3072), labels: new Uint8Array(300) };
    train.read(indices, into);
    for (const [i, index] of indices.entries()) {
      expect(into.labels[i]).toBe([3, 9, 0, 5, 7, 7, 2, 1][index]);
      expect(into.images[i * 3072 + (5 * 32 + 7) * 3 + 2]).toBe(pixel(index + 1, 2, 5, 7));
    }
    expect(() => train.read(Uint32Array.of(0, 8), into)).toThrow('indices[1]: got 8, expected a whole number from 0 to 7');
  });

  test('a file that changes or goes away while it is in use is an error, not other data', async () => {
    await write('cifar10', ten);
    const { train } = await cifar10({ dataDir });
    const path = join(dataDir, 'cifar10', 'data_batch_1.bin');
    const into = { images: new Uint8Array(3072), labels: new Uint8Array(1) };
    await writeFile(path, ten['data_batch_1.bin']!.subarray(0, 2000));
    expect(() => train.read(Uint32Array.of(0), into)).toThrow(/data_batch_1\.bin: got an end at 2000 bytes, expected more: it has changed/);
    await rm(path);
    expect(() => train.read(Uint32Array.of(0), into)).toThrow(/data_batch_1\.bin: cannot be read \(ENOENT\)/);
  });

  test.each(['data_batch_1.bin', 'data_batch_4.bin', 'test_batch.bin'])('%s missing: what, where, and where to get it', async (name) => {
    await write('cifar10', { ...ten, [name]: undefined });
    const failure = loadDataset('cifar10', { dataDir });
    await expect(failure).rejects.toMatchObject({
      code: 'data',
      message:
        `CIFAR-10: got no file ${name} or ${name}.gz in ${join(dataDir, 'cifar10')}, expected data_batch_1.bin to data_batch_5.bin ` +
        "and test_batch.bin there. They are published on Alex Krizhevsky's page, www.cs.toronto.edu/~kriz/cifar.html, " +
        'as the binary version; another place is chosen by the dataDir option or BITGAUSS_DATA.',
    });
  });

  const whole = ten['data_batch_4.bin']!;
  test.each<[string, Uint8Array, RegExp]>([
    ['a byte too few', whole.subarray(1), /data_batch_4\.bin: size: got 9218 bytes, expected a whole number of records of 3073 bytes/],
    ['a byte too many', new Uint8Array(3074), /data_batch_4\.bin: size: got 3074 bytes/],
    ['an empty file', new Uint8Array(0), /data_batch_4\.bin: size: got 0 bytes, .* at least one$/],
    ['label 10', file(0, [9], [10]), /data_batch_4\.bin: label of record 1: got 10, expected 0 to 9$/],
    ['damaged gzip', gzipSync(whole).subarray(0, -9), /data_batch_4\.bin: damaged gzip data/],
  ])('rejects %s', async (_, bytes, message) => {
    await write('cifar10', { ...ten, 'data_batch_4.bin': bytes });
    await expect(cifar10({ dataDir })).rejects.toThrow(message);
    await expect(cifar10({ dataDir })).rejects.toMatchObject({ code: 'data' });
  });
});

const hundred: Files = { 'train.bin': file(1, [11, 98], [0, 4], [19, 41]), 'test.bin': file(4, [14, 99]) };

describe('cifar100', () => {
  test('fine labels by default, coarse ones when asked', async () => {
    await write('cifar100', hundred);
    const fine = await cifar100({ dataDir });
    expectSamples(fine.train, [1, 2, 3], [98, 4, 41]);
    expectSamples(fine.test, [4], [99]);
    expect([fine.train.classes, fine.train.labels[0], fine.train.labels[99]]).toEqual([100, 'apple', 'worm']);
    expect(fine.augmentation).toMatchObject({ name: 'crop-flip' });
    const coarse = await loadDataset('cifar100', { dataDir, labels: 'coarse' });
    expectSamples(coarse.train, [1, 2, 3], [11, 0, 19]);
    expectSamples(coarse.test, [4], [14]);
    expect([coarse.train.classes, coarse.train.labels[0], coarse.train.labels[19]]).toEqual([20, 'aquatic_mammals', 'vehicles_2']);
  });

  const parts: Files = {
    'train_1.bin': file(1, [1, 2]),
    'train_2.bin': file(2, [3, 4], [5, 6]),
    'train_3.bin': file(4, [7, 8]),
    'train_4.bin': file(5, [9, 10]),
    'train_5.bin': file(6, [11, 12]),
  };

  test('five parts in place of train.bin, which counts where both are', async () => {
    await write('cifar100', { ...hundred, ...parts, 'train.bin': undefined });
    expectSamples((await cifar100({ dataDir })).train, [1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12]);
    await write('cifar100', hundred);
    expectSamples((await cifar100({ dataDir })).train, [1, 2, 3], [98, 4, 41]);
  });

  test.each<[string, Files, string]>([
    ['no training file', { 'train.bin': undefined }, 'train.bin or train.bin.gz'],
    ['a part', { ...parts, 'train.bin': undefined, 'train_4.bin': undefined }, 'train_4.bin or train_4.bin.gz'],
    ['the test file', { 'test.bin': undefined }, 'test.bin or test.bin.gz'],
  ])('missing: %s', async (_, changes, missing) => {
    await write('cifar100', { ...hundred, ...changes });
    await expect(cifar100({ dataDir })).rejects.toMatchObject({
      code: 'data',
      message: expect.stringContaining(
        `CIFAR-100: got no file ${missing} in ${join(dataDir, 'cifar100')}, expected train.bin (or train_1.bin to train_5.bin) and test.bin there`,
      ),
    });
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['records of CIFAR-10', file(1, [1]), /test\.bin: size: got 3073 bytes, expected a whole number of records of 3074 bytes/],
    ['fine label 100', file(1, [0, 100]), /test\.bin: fine label of record 0: got 100, expected 0 to 99$/],
    ['coarse label 20', file(1, [0, 0], [20, 0]), /test\.bin: coarse label of record 1: got 20, expected 0 to 19$/],
  ])('rejects %s, whichever labels are chosen', async (_, bytes, message) => {
    await write('cifar100', { ...hundred, 'test.bin': bytes });
    for (const labels of ['fine', 'coarse'] as const) await expect(cifar100({ dataDir, labels })).rejects.toThrow(message);
  });

  test('rejects labels of another name', async () => {
    await expect(cifar100({ labels: 'super' as 'fine' })).rejects.toThrow('labels: got "super", expected one of fine, coarse');
  });
});
