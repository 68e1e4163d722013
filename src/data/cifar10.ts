/**
 * CIFAR-10 (Krizhevsky 2009): photographs of ten kinds of things, 50,000 for training, 10,000 for testing, u8 [32, 32, 3].
 *
 * @module
 */
import { type CifarLabel, type CifarRecords, loadCifar } from './cifar.js';
import type { DataSplits } from './dataset.js';

const label: CifarLabel = {
  name: 'label',
  classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
};

export const CIFAR10_RECORDS: CifarRecords = { labels: [label], chosen: label };

/** Reads `<data directory>/cifar10/`; rejects with code 'data' on missing or damaged files. */
export function cifar10(options: { dataDir?: string } = {}): Promise<DataSplits> {
  return loadCifar(
    {
      folder: 'cifar10',
      title: 'CIFAR-10',
      files: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin',
      source: "Alex Krizhevsky's page, www.cs.toronto.edu/~kriz/cifar.html, as the binary version",
      train: [[1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`)],
      test: 'test_batch.bin',
      ...CIFAR10_RECORDS,
    },
    options.dataDir,
  );
}
