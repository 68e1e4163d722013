/**
 * Files of the command line: read with a clear error, written so that nothing is ever half there.
 *
 * @module
 */
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { destination, temporaryName, writeAtomically } from '../platform/atomic-write.js';
import { EXIT, Exit, reason } from './exit.js';

export function readBytes(path: string): Uint8Array {
  try {
    const stat = statSync(path);
    if (!stat.isFile() && !stat.isDirectory()) throw new Error('it is not a regular file');
    return readFileSync(path);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot read ${path}: ${reason(error)}`);
  }
}

/** Fails now rather than after an hour of training. */
export function requireWritable(path: string, option: string = '--out'): void {
  const directory = dirname(resolve(path));
  try {
    const probe = temporaryName(destination(path));
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)} (${directory}); choose another place with ${option}`);
  }
}

/** Writes to a temporary name, syncs, renames: the file is the old one or the whole new one. Its directory may have gone since the run began. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  try {
    writeAtomically(path, bytes);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)}`);
  }
}
