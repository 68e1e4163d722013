/**
 * Files of the command line: read with a clear error, written so that nothing is ever half there.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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

/** The file behind a path: links are followed, and what is there must be a regular file, or nothing yet. */
function destination(path: string): string {
  if (path === '') throw new Error('the name is empty');
  if (/[\\/]$/.test(path)) throw Object.assign(new Error(), { code: 'EISDIR' });
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new Error('it is a link to nothing');
  if (stat === undefined) return resolve(path);
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  if (!stat.isFile()) throw new Error('it is not a regular file');
  return realpathSync(path);
}

/** Beside the file, so that a rename is one step; no other process has this name. */
function temporaryName(target: string): string {
  return `${target}.${randomUUID().slice(0, 8)}.tmp`;
}

/** Fails now rather than after an hour of training. */
export function requireWritable(path: string): void {
  const directory = dirname(resolve(path));
  try {
    const probe = temporaryName(destination(path));
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  } catch (error) {
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)} (${directory}); choose another place with --out`);
  }
}

/** Writes to a temporary name, syncs, renames: the file is the old one or the whole new one. */
export function writeBytes(path: string, bytes: Uint8Array): void {
  let temporary = '';
  try {
    const target = destination(path);
    const name = temporaryName(target);
    const file = openSync(name, 'wx', statSync(target, { throwIfNoEntry: false })?.mode ?? 0o666);
    temporary = name; // from here on it is ours to remove
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(name, target);
  } catch (error) {
    if (temporary !== '') rmSync(temporary, { force: true });
    throw new Exit(EXIT.failed, `cannot write ${path}: ${reason(error)}`);
  }
}
