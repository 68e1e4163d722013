/**
 * Data sets by name: one line each.
 *
 * @module
 */
import { requireOneOf } from '../core/errors.js';
import type { DataSplits } from './dataset.js';
import { digits } from './digits.js';
import { fashionMnist } from './fashion-mnist.js';
import { mnist } from './mnist.js';

export interface LoadDatasetOptions {
  /** Default: BITGAUSS_DATA, else `bitgauss` in the user's cache directory. */
  dataDir?: string;
  /** For generated sets. Default 0. */
  seed?: number;
}

const datasets: Record<string, (options: LoadDatasetOptions) => DataSplits | Promise<DataSplits>> = {
  digits: ({ seed }) => digits({ seed }),
  mnist,
  'fashion-mnist': fashionMnist,
};

/** The names that `loadDataset` knows. */
export function datasetNames(): string[] {
  return Object.keys(datasets);
}

/** Loads or generates the data set `name`. Rejects on an unknown name and on missing or damaged files. */
export async function loadDataset(name: string, options: LoadDatasetOptions = {}): Promise<DataSplits> {
  requireOneOf('dataset', name, datasetNames());
  return datasets[name](options);
}
