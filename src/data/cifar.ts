/**
 * The binary files of the CIFAR data sets: records of one size, one after the other, with no header.
 *
 *   record: label bytes u8 [L], then the image u8 [3, 32, 32]: planes red, green, blue, each row by row
 *   read as: u8 [32, 32, 3], channels last
 *
 * A file may hold any positive number of whole records, so that a few can stand for the official 10,000 or 50,000.
 *
 * @module
 */
import { platform } from '#platform';
import { dataError } from '../core/errors.js';
import { arrayDataset } from './array-dataset.js';
import { cropFlip } from './augment.js';
import { resolveDataDirectory } from './data-directory.js';
import { missingFile, type NamedBytes, type Publication, readDataFile } from './data-file.js';
import type { DataSplits, Dataset } from './dataset.js';

/** One label byte of a record. */
export interface CifarLabel {
  /** What errors call it. */
  name: string;
  classNames: readonly string[];
}

export interface CifarSource extends Publication {
  /** Folder below the data directory. */
  folder: string;
  /** The files of the training split in order; the first list whose first file is there counts. */
  train: readonly (readonly string[])[];
  test: string;
  /** The label bytes in front of each image. All are checked. */
  labels: readonly CifarLabel[];
  /** The one of `labels` that the data set has. */
  chosen: CifarLabel;
}

const PLANE = 32 * 32;
const IMAGE = 3 * PLANE;

/** Reads both splits: u8 [32, 32, 3]. Rejects with code 'data' on missing or damaged files. */
export async function loadCifar(source: CifarSource, dataDir?: string): Promise<DataSplits> {
  const directory = platform.joinPath(resolveDataDirectory(dataDir), source.folder);
  return {
    train: decode(source, await readTrain(source, directory)),
    test: decode(source, [await readRequired(source, directory, source.test)]),
    augmentation: cropFlip(),
  };
}

async function readTrain(source: CifarSource, directory: string): Promise<NamedBytes[]> {
  for (const [first, ...others] of source.train) {
    const file = await readDataFile(directory, first);
    if (!file) continue;
    const files = [file];
    for (const other of others) files.push(await readRequired(source, directory, other));
    return files;
  }
  throw missingFile(source, directory, source.train[0][0]);
}

async function readRequired(source: CifarSource, directory: string, name: string): Promise<NamedBytes> {
  const file = await readDataFile(directory, name);
  if (!file) throw missingFile(source, directory, name);
  return file;
}

/** The records of `files`, one after the other, as one data set. */
function decode({ labels, chosen }: CifarSource, files: readonly NamedBytes[]): Dataset {
  const recordBytes = labels.length + IMAGE;
  const count = files.reduce((sum, file) => sum + countRecords(file, recordBytes), 0);
  const images = new Uint8Array(count * IMAGE);
  const classes = new Uint8Array(count);
  let sample = 0;
  for (const { name, bytes } of files) {
    for (let at = 0; at < bytes.length; at += recordBytes, sample++) {
      for (let i = 0; i < labels.length; i++) {
        const label = bytes[at + i];
        const known = labels[i].classNames.length;
        if (label >= known) throw dataError(`${name}: ${labels[i].name} of record ${at / recordBytes}`, label, `0 to ${known - 1}`);
        if (labels[i] === chosen) classes[sample] = label;
      }
      toChannelsLast(bytes, at + labels.length, images, sample * IMAGE);
    }
  }
  const shape = { height: 32, width: 32, channels: 3 };
  return arrayDataset({ images, labels: classes, shape, classNames: chosen.classNames });
}

function countRecords({ name, bytes }: NamedBytes, recordBytes: number): number {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw dataError(`${name}: size`, `${bytes.length} bytes`, `a whole number of records of ${recordBytes} bytes, at least one`);
  }
  return bytes.length / recordBytes;
}

/**
 * [3, 32, 32] at `from` to [32, 32, 3] at `to`. Writing 32-bit words of four pixels gains nothing that can be measured: most of the time
 * goes into first touching 154 MB.
 */
function toChannelsLast(planes: Uint8Array, from: number, images: Uint8Array, to: number): void {
  for (let red = from; red < from + PLANE; red++, to += 3) {
    images[to] = planes[red];
    images[to + 1] = planes[red + PLANE];
    images[to + 2] = planes[red + 2 * PLANE];
  }
}
