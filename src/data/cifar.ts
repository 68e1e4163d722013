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
import { files } from '#platform';
import { argumentError, dataError } from '../core/errors.js';
import type { FilePart } from '../platform/types.js';
import { cropFlip } from './augment.js';
import { resolveDataDirectory } from './data-directory.js';
import { missingFile, type NamedFile, openDataFile, type Publication } from './data-file.js';
import { type DataSplits, type Dataset, requireBuffers, type SampleBuffers } from './dataset.js';

/** One label byte of a record. */
export interface CifarLabel {
  /** What errors call it. */
  name: string;
  classNames: readonly string[];
}

/** What a record holds beside the image. */
export interface CifarRecords {
  /** The label bytes in front of each image. All are checked. */
  labels: readonly CifarLabel[];
  /** The one of `labels` that the data set has. */
  chosen: CifarLabel;
}

export interface CifarSource extends Publication, CifarRecords {
  /** Folder below the data directory. */
  folder: string;
  /** The files of the training split in order; the first list whose first file is there counts. */
  train: readonly (readonly string[])[];
  test: string;
}

const PLANE = 32 * 32;
const IMAGE = 3 * PLANE;
/** Records that are read at a time when labels are checked: 3 MB. */
const PIECE_RECORDS = 1000;
/** Records that are read at a time for a batch. */
const READ_RECORDS = 128;

/** Both splits: u8 [32, 32, 3]. Plain files stay on the disk: 184 MB less in memory. Rejects with code 'data' on missing or damaged files. */
export async function loadCifar(source: CifarSource, dataDir?: string): Promise<DataSplits> {
  const directory = files.joinPath(resolveDataDirectory(dataDir), source.folder);
  return {
    train: cifarDataset(source, await openTrain(source, directory)),
    test: cifarDataset(source, [await openRequired(source, directory, source.test)]),
    augmentation: cropFlip(),
  };
}

async function openTrain(source: CifarSource, directory: string): Promise<NamedFile[]> {
  for (const [first, ...others] of source.train) {
    const file = await openDataFile(directory, first);
    if (!file) continue;
    const files = [file];
    for (const other of others) files.push(await openRequired(source, directory, other));
    return files;
  }
  throw missingFile(source, directory, source.train[0][0]);
}

async function openRequired(source: CifarSource, directory: string, name: string): Promise<NamedFile> {
  const file = await openDataFile(directory, name);
  if (!file) throw missingFile(source, directory, name);
  return file;
}

/** The records of `files`, one after the other, as one data set. Labels are held in memory; images are read when they are asked for. */
export function cifarDataset(records: CifarRecords, files: readonly NamedFile[]): Dataset {
  const { labels, chosen } = records;
  const recordBytes = cifarRecordBytes(records);
  /** Number of the first record of each file, and of all. */
  const starts = [0];
  for (const file of files) starts.push(starts[starts.length - 1] + countRecords(file, recordBytes));
  const length = starts[files.length];
  const classes = new Uint8Array(length);
  files.forEach((file, i) => {
    readLabels(file, labels, chosen, classes.subarray(starts[i], starts[i + 1]));
  });
  const shape = { height: 32, width: 32, channels: 3 };
  const planes = new Uint8Array(READ_RECORDS * IMAGE);
  /** Samples indices[begin ... end - 1] of a call of `read`. */
  const readSome = (indices: Uint32Array, begin: number, end: number, into: SampleBuffers): void => {
    const parts: FilePart[][] = files.map(() => []);
    for (let i = begin; i < end; i++) {
      const index = indices[i];
      if (index >= length) throw argumentError(`indices[${i}]`, index, `a whole number from 0 to ${length - 1}`);
      const file = starts.findIndex((start) => start > index) - 1;
      const offset = (index - starts[file]) * recordBytes + labels.length;
      parts[file].push({ offset, into: planes.subarray((i - begin) * IMAGE, (i - begin + 1) * IMAGE) });
      into.labels[i] = classes[index];
    }
    parts.forEach((wanted, i) => {
      if (wanted.length > 0) files[i].read(wanted);
    });
    for (let i = begin; i < end; i++) toChannelsLast(planes, (i - begin) * IMAGE, into.images, i * IMAGE);
  };
  const dataset: Dataset = {
    length,
    shape,
    classes: chosen.classNames.length,
    labels: [...chosen.classNames],
    type: 'u8',
    read(indices: Uint32Array, into: SampleBuffers): void {
      requireBuffers(dataset, indices.length, into);
      for (let begin = 0; begin < indices.length; begin += READ_RECORDS)
        readSome(indices, begin, Math.min(indices.length, begin + READ_RECORDS), into);
    },
  };
  return dataset;
}

/** Checks all label bytes of a file and writes those of the chosen label. */
function readLabels(file: NamedFile, labels: readonly CifarLabel[], chosen: CifarLabel, classes: Uint8Array): void {
  const recordBytes = labels.length + IMAGE;
  const piece = new Uint8Array(Math.min(classes.length, PIECE_RECORDS) * recordBytes);
  for (let first = 0; first < classes.length; first += PIECE_RECORDS) {
    const count = Math.min(PIECE_RECORDS, classes.length - first);
    file.read([{ offset: first * recordBytes, into: piece.subarray(0, count * recordBytes) }]);
    for (let i = 0; i < count; i++) {
      for (let l = 0; l < labels.length; l++) {
        const label = piece[i * recordBytes + l];
        const known = labels[l].classNames.length;
        if (label >= known) throw dataError(`${file.name}: ${labels[l].name} of record ${first + i}`, label, `0 to ${known - 1}`);
        if (labels[l] === chosen) classes[first + i] = label;
      }
    }
  }
}

/** Bytes of one record. */
export function cifarRecordBytes({ labels }: CifarRecords): number {
  return labels.length + IMAGE;
}

function countRecords({ name, size }: NamedFile, recordBytes: number): number {
  if (size === 0 || size % recordBytes !== 0) {
    throw dataError(`${name}: size`, `${size} bytes`, `a whole number of records of ${recordBytes} bytes, at least one`);
  }
  return size / recordBytes;
}

/** [3, 32, 32] at `from` to [32, 32, 3] at `to`. Writing 32-bit words of four pixels gains nothing that can be measured. */
function toChannelsLast(planes: Uint8Array, from: number, images: SampleBuffers['images'], to: number): void {
  for (let red = from; red < from + PLANE; red++, to += 3) {
    images[to] = planes[red];
    images[to + 1] = planes[red + PLANE];
    images[to + 2] = planes[red + 2 * PLANE];
  }
}
