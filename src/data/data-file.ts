/**
 * Files of data sets: found by name, plain or gzipped, or missed with a word on where they come from.
 *
 * @module
 */
import { files } from '#platform';
import { BitgaussError } from '../core/errors.js';
import type { PlatformFile } from '../platform/types.js';
import { gunzip, isGzip } from './gunzip.js';

/** The bytes of a file and the name that errors give it. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** A file that is read in parts. */
export interface NamedFile extends PlatformFile {
  name: string;
}

/** What a reader is told who does not have the files. */
export interface Publication {
  /** Name of the data set for people. */
  title: string;
  /** The files that belong in its folder, in words. */
  files: string;
  /** Where the official files are, in words. */
  source: string;
}

/** The plain file, else the one with `.gz`, else undefined. What the bytes say counts, not the name: some downloads unpack on their way. */
export async function readDataFile(directory: string, file: string): Promise<NamedBytes | undefined> {
  for (const candidate of [file, `${file}.gz`]) {
    const name = files.joinPath(directory, candidate);
    const bytes = await files.readFile(name);
    if (bytes) return unpacked({ name, bytes });
  }
  return undefined;
}

/** The same without its bytes: a plain file stays on the disk, an unpacked one is held in memory. */
export async function openDataFile(directory: string, file: string): Promise<NamedFile | undefined> {
  const name = files.joinPath(directory, file);
  const found = await files.openFile(name);
  if (found !== undefined) {
    const start = new Uint8Array(Math.min(2, found.size));
    found.read([{ offset: 0, into: start }]);
    if (!isGzip(start)) return { ...found, name };
  }
  const whole = await readDataFile(directory, file);
  if (whole === undefined) return undefined;
  return fileInMemory(whole);
}

/** The file as it is, or what was gzipped in it. */
export async function unpacked(file: NamedBytes): Promise<NamedBytes> {
  return isGzip(file.bytes) ? { name: file.name, bytes: await gunzip(file) } : file;
}

export function fileInMemory({ name, bytes }: NamedBytes): NamedFile {
  return {
    name,
    size: bytes.length,
    read(parts) {
      for (const { offset, into } of parts) into.set(bytes.subarray(offset, offset + into.length));
    },
  };
}

/** `file` is not in `directory`. */
export function missingFile(publication: Publication, directory: string, file: string): BitgaussError {
  return new BitgaussError(
    'data',
    `${publication.title}: got no file ${file} or ${file}.gz in ${directory}, expected ${publication.files} there. ` +
      `They are published on ${publication.source}; another place is chosen by the dataDir option or BITGAUSS_DATA.`,
  );
}
