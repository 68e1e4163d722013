/**
 * MNIST (LeCun, Cortes, Burges 1998): handwritten digits, 60,000 for training, 10,000 for testing, u8 [28, 28, 1].
 *
 * @module
 */
import type { DataSplits } from './dataset.js';
import { loadIdxSplits } from './idx-splits.js';

/** Reads `<data directory>/mnist/`; rejects with code 'data' on missing or damaged files. */
export function mnist(options: { dataDir?: string } = {}): Promise<DataSplits> {
  return loadIdxSplits(
    {
      folder: 'mnist',
      title: 'MNIST',
      source: 'the MNIST page of Yann LeCun, yann.lecun.com/exdb/mnist',
      classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    },
    options.dataDir,
  );
}
