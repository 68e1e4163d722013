/**
 * Data sets from files that the program holds already: dropped on a page, fetched, posted.
 *
 * What the bytes say counts, as far as they say anything:
 *
 *   1f 8b           gzip of one of the others
 *   00 00 08 03     idx images, 00 00 08 01 idx labels: MNIST and its kin
 *   n * 3073 bytes  records of CIFAR-10, n * 3074 of CIFAR-100
 *
 * The name says the rest: files with `t10k` or `test` in it are the test set, unless there are no others.
 *
 * @module
 */
import { argumentError, BitgaussError, dataError } from '../core/errors.js';
import type { Augmentation } from './augment.js';
import { cropFlip } from './augment.js';
import { type CifarRecords, cifarDataset, cifarRecordBytes } from './cifar.js';
import { CIFAR10_RECORDS } from './cifar10.js';
import { type Cifar100Labels, cifar100Records } from './cifar100.js';
import { fileInMemory, type NamedBytes, unpacked } from './data-file.js';
import type { Dataset } from './dataset.js';
import { idxDataset, isIdxImages, isIdxLabels, parseIdxLabels } from './idx.js';

export interface FilesDataset {
  /** 'idx': MNIST or one of its kin, which are made alike. */
  format: 'idx' | 'cifar10' | 'cifar100';
  train: Dataset;
  /** Undefined where no file is one of a test set. */
  test?: Dataset;
  /** The customary one; none for idx files. */
  augmentation?: Augmentation;
}

export interface DatasetFromFilesOptions {
  /** Of CIFAR-100: its 100 classes or their 20 superclasses. Default 'fine'. */
  labels?: Cifar100Labels;
}

const EXPECTED =
  'the official files of MNIST (train-images-idx3-ubyte with train-labels-idx1-ubyte), CIFAR-10 (data_batch_1.bin …) or CIFAR-100 (train.bin), plain or .gz';

/**
 * The data set in `files`, in any order: idx images with their labels, or CIFAR batches, which are joined in the order of their names.
 * Classes of idx files are named 0, 1, … and are at least ten. Rejects with code 'data' on files of no known kind, of different kinds, without
 * their labels, or damaged.
 */
export async function datasetFromFiles(files: readonly NamedBytes[], options: DatasetFromFilesOptions = {}): Promise<FilesDataset> {
  if (!Array.isArray(files) || files.length === 0) throw argumentError('files', files, 'an array of one or more { name, bytes }');
  const whole = await Promise.all(files.map(unpacked));
  whole.sort((a, b) => (a.name < b.name ? -1 : 1));
  const [first, ...others] = whole.map((file) => ({ file, format: formatOf(file) }));
  for (const { file, format } of others) {
    if (format !== first.format)
      throw new BitgaussError('data', `${file.name}: got a file of ${format}, expected one of ${first.format}, as ${first.file.name} is`);
  }
  const isTest = ({ name }: NamedBytes): boolean => /t10k|test/i.test(name);
  const [training, testing] = [whole.filter((file) => !isTest(file)), whole.filter(isTest)];
  const read = (part: readonly NamedBytes[]): Dataset =>
    first.format === 'idx' ? readIdx(part) : cifarDataset(recordsOf(first.format, options), part.map(fileInMemory));
  const parts = [training, testing].filter((part) => part.length > 0).map(read);
  return { format: first.format, train: parts[0], test: parts[1], augmentation: first.format === 'idx' ? undefined : cropFlip() };
}

function formatOf({ name, bytes }: NamedBytes): FilesDataset['format'] {
  if (isIdxImages(bytes) || isIdxLabels(bytes)) return 'idx';
  const holds = (records: CifarRecords): boolean => bytes.length > 0 && bytes.length % cifarRecordBytes(records) === 0;
  if (holds(CIFAR10_RECORDS)) return 'cifar10';
  if (holds(cifar100Records('fine'))) return 'cifar100';
  throw dataError(name, `${bytes.length} bytes of another kind`, EXPECTED);
}

function recordsOf(format: 'cifar10' | 'cifar100', { labels = 'fine' }: DatasetFromFilesOptions): CifarRecords {
  return format === 'cifar10' ? CIFAR10_RECORDS : cifar100Records(labels);
}

/** One file of images and one of labels. */
function readIdx(files: readonly NamedBytes[]): Dataset {
  const images = files.filter(({ bytes }) => isIdxImages(bytes));
  const labels = files.filter(({ bytes }) => isIdxLabels(bytes));
  const names = files.map(({ name }) => name).join(', ');
  if (images.length !== 1 || labels.length !== 1) {
    const got = `${images.length} ${images.length === 1 ? 'file' : 'files'} of images and ${labels.length} of labels`;
    throw dataError(names, got, 'one of images and one of labels for each of training and test set: choose them together');
  }
  const greatest = parseIdxLabels(labels[0], 256).reduce((max, label) => Math.max(max, label), 9);
  return idxDataset(
    images[0],
    labels[0],
    Array.from({ length: greatest + 1 }, (_, label) => String(label)),
  );
}
