/**
 * Files of the command line: read with a clear error, written so that nothing is ever half there.
 *
 * @module
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, Exit, reason } from './exit.js';

export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot read ${path}: ${reason(error)}`);
  }
}

/** Fails now rather than after an hour of training. */
export function requireWritable(path: string): void {
  const directory = dirname(resolve(path));
  const probe = `${resolve(path)}.${process.pid}.tmp`;
  try {
    if (statSync(resolve(path), { throwIfNoEntry: false })?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)} (${directory}); choose another place with --out`);
  }
}

/** Writes to a temporary name, syncs, renames: the file is the old one or the whole new one. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  const temporary = `${resolve(path)}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, resolve(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)}`);
  }
}
