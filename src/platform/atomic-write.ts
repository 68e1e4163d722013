/**
 * Writes a file of Node and its kin so that it is never half there: temporary name, sync, rename.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The file behind a path: links are followed, and what is there must be a regular file, or nothing yet. */
export function destination(path: string): string {
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
export function temporaryName(target: string): string {
  return `${target}.${randomUUID().slice(0, 8)}.tmp`;
}

/** Makes the directory where it is missing; the file is the old one or the whole new one. Throws what the host throws. */
export function writeAtomically(path: string, bytes: Uint8Array): void {
  let temporary = '';
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
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
    throw error;
  }
}
