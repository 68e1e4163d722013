/**
 * `bitgauss/data`: data sets, their augmentation, and the order in which training reads them.
 *
 * `digits()` needs no files; `arrayDataset()` takes your own arrays; `loadDataset('cifar10')` reads the official files; `datasetFromFiles()`
 * takes their bytes where there is no file system.
 *
 * @module
 */
export { type ArrayDatasetOptions, arrayDataset, type IntegerArray } from './data/array-dataset.js';
export { type Augmentation, type CropFlipOptions, cropFlip } from './data/augment.js';
export { augmentationNames, createAugmentation } from './data/augmentations.js';
export { cifar10 } from './data/cifar10.js';
export { type Cifar100Labels, type Cifar100Options, cifar100 } from './data/cifar100.js';
export { resolveDataDirectory } from './data/data-directory.js';
export type { NamedBytes } from './data/data-file.js';
export { type DataSplits, type Dataset, type ImageShape, imageSize, type SampleBuffers, subset } from './data/dataset.js';
export { type DatasetFromFilesOptions, datasetFromFiles, type FilesDataset } from './data/dataset-from-files.js';
export { type DigitsOptions, digits } from './data/digits.js';
export { fashionMnist } from './data/fashion-mnist.js';
export { type IdxImages, idxDataset, parseIdxImages, parseIdxLabels } from './data/idx.js';
export { shuffledIndices, validationSplit } from './data/loader.js';
export { mnist } from './data/mnist.js';
export { datasetNames, type LoadDatasetOptions, loadDataset } from './data/registry.js';
export { type ChannelStatistics, channelStatistics } from './data/statistics.js';
export { strokeImage } from './data/stroke-image.js';
