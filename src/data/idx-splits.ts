/**
 * Data sets that come as the four files of the MNIST family, plain or gzipped, in one folder of the data directory.
 *
 * @module
 */
import { files } from '#platform';
import { dataError } from '../core/errors.js';
import { resolveDataDirectory } from './data-directory.js';
import { missingFile, type NamedBytes, readDataFile } from './data-file.js';
import type { DataSplits, Dataset } from './dataset.js';
import { idxDataset } from './idx.js';

export interface IdxSource {
  /** Folder below the data directory. */
  folder: string;
  /** Name for people. */
  title: string;
  /** Where the official files are, in words. */
  source: string;
  classNames: readonly string[];
}

/** Reads `train-` and `t10k-images-idx3-ubyte` and `-labels-idx1-ubyte`: images u8 [28, 28, 1]. */
export async function loadIdxSplits(source: IdxSource, dataDir?: string): Promise<DataSplits> {
  const directory = files.joinPath(resolveDataDirectory(dataDir), source.folder);
  return { train: await loadPart(source, directory, 'train'), test: await loadPart(source, directory, 't10k') };
}

async function loadPart(source: IdxSource, directory: string, part: string): Promise<Dataset> {
  const images = await load(source, directory, `${part}-images-idx3-ubyte`);
  const labels = await load(source, directory, `${part}-labels-idx1-ubyte`);
  const dataset = idxDataset(images, labels, source.classNames);
  const { height, width } = dataset.shape;
  if (height !== 28 || width !== 28) throw dataError(`${images.name}: image size`, `${height} x ${width}`, `28 x 28 for ${source.title}`);
  return dataset;
}

/** One of the four files; rejects with code 'data' where it is missing. */
async function load({ title, source }: IdxSource, directory: string, file: string): Promise<NamedBytes> {
  const found = await readDataFile(directory, file);
  if (!found) throw missingFile({ title, source, files: 'the four official files' }, directory, file);
  return found;
}
