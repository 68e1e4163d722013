/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): pictures of clothes, 60,000 for training, 10,000 for testing, u8 [28, 28, 1].
 *
 * @module
 */
import type { DataSplits } from './dataset.js';
import { loadIdxSplits } from './idx-splits.js';

/** Reads `<data directory>/fashion-mnist/`; rejects with code 'data' on missing or damaged files. */
export function fashionMnist(options: { dataDir?: string } = {}): Promise<DataSplits> {
  return loadIdxSplits(
    {
      folder: 'fashion-mnist',
      title: 'Fashion-MNIST',
      source: 'the Fashion-MNIST repository of Zalando Research, github.com/zalandoresearch/fashion-mnist',
      classNames: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    },
    options.dataDir,
  );
}
