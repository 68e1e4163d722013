/**
 * Data sets by name: one line each.
 *
 * @module
 */
import { argumentError, requireOneOf } from '../core/errors.js';
import { cifar10 } from './cifar10.js';
import { type Cifar100Labels, cifar100 } from './cifar100.js';
import type { DataSplits } from './dataset.js';
import { digits } from './digits.js';
import { fashionMnist } from './fashion-mnist.js';
import { mnist } from './mnist.js';

export interface LoadDatasetOptions {
  /** Default: BITGAUSS_DATA, else `bitgauss` in the user's cache directory. */
  dataDir?: string;
  /** For generated sets. Default 0. */
  seed?: number;
  /** For cifar100, the only set with two kinds of labels: its 100 classes or their 20 superclasses. Default 'fine'. */
  labels?: Cifar100Labels;
}

interface Entry {
  load(options: LoadDatasetOptions): DataSplits | Promise<DataSplits>;
  /** Whether `labels` means something to the set. */
  choosesLabels?: boolean;
}

const datasets: Record<string, Entry> = {
  digits: { load: ({ seed }) => digits({ seed }) },
  mnist: { load: mnist },
  'fashion-mnist': { load: fashionMnist },
  cifar10: { load: cifar10 },
  cifar100: { load: cifar100, choosesLabels: true },
};

/** The names that `loadDataset` knows. */
export function datasetNames(): string[] {
  return Object.keys(datasets);
}

/** Loads or generates the data set `name`. Rejects on an unknown name, on labels it has no choice of, and on missing or damaged files. */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<DataSplits> {
  requireOneOf('dataset', name, datasetNames());
  const { load, choosesLabels } = datasets[name];
  if (options.labels !== undefined && !choosesLabels) {
    const choosing = datasetNames().filter((other) => datasets[other].choosesLabels);
    throw argumentError('labels', options.labels, `none for ${name}: only ${choosing.join(', ')} has a choice of labels`);
  }
  return load(options);
}
