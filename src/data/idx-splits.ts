/**
 * Data sets that come as the four files of the MNIST family, plain or gzipped, in one folder of the data directory.
 *
 * @module
 */
import { platform } from '#platform';
import { BitgaussError } from '../core/errors.js';
import { resolveDataDirectory } from './data-directory.js';
import type { DataSplits, Dataset } from './dataset.js';
import { gunzip, isGzip } from './gunzip.js';
import { dataError, idxDataset, type NamedBytes } from './idx.js';

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
  const directory = platform.joinPath(resolveDataDirectory(dataDir), source.folder);
  return { train: await loadPart(source, directory, 'train'), test: await loadPart(source, directory, 't10k') };
}

async function loadPart(source: IdxSource, directory: string, part: string): Promise<Dataset> {
  const images = await load(source, directory, `${part}-images-idx3-ubyte`);
  const labels = await load(source, directory, `${part}-labels-idx1-ubyte`);
  const dataset = idxDataset(images, labels, source.classNames);
  const { height, width } = dataset.shape;
  if (height !== 28 || width !== 28) throw dataError(images.name, 'image size', `${height} x ${width}`, `28 x 28 for ${source.title}`);
  return dataset;
}

/** The plain file, else the one with `.gz`. What the bytes say counts, not the name: some downloads unpack on their way. */
async function load(source: IdxSource, directory: string, file: string): Promise<NamedBytes> {
  for (const candidate of [file, `${file}.gz`]) {
    const name = platform.joinPath(directory, candidate);
    const bytes = await platform.readFile(name);
    if (bytes) return isGzip(bytes) ? { name, bytes: await gunzip({ name, bytes }) } : { name, bytes };
  }
  throw new BitgaussError(
    'data',
    `${source.title}: got no file ${file} or ${file}.gz in ${directory}, expected the four official files there. ` +
      `They are published on ${source.source}; another place is chosen by the dataDir option or BITGAUSS_DATA.`,
  );
}
