/**
 * A binary that imports shared memory, made to import plain memory: one binary serves both. (The other way round is not possible: without sharing, a
 * compiler may assume that nobody else writes.)
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';

/** The import of `env.memory` up to its limits: names with their lengths, then 2 = memory. */
const IMPORT = [3, ...ascii('env'), 6, ...ascii('memory'), 2];
/** Limits with a maximum, and bit 1 for sharing. */
const SHARED = 3;
const PLAIN = 1;

/** Changes `bytes` in place. Throws unless they import shared memory as `env.memory`. */
export function unshare(bytes: Uint8Array): void {
  for (let at = 8; at + IMPORT.length < bytes.length; at++) {
    if (!IMPORT.every((byte, i) => bytes[at + i] === byte)) continue;
    const flags = at + IMPORT.length;
    if (bytes[flags] !== SHARED) break;
    bytes[flags] = PLAIN;
    return;
  }
  throw new BitgaussError(
    'argument',
    'module: got a binary that does not import shared memory as env.memory, expected bitgauss/wasm/training.wasm',
  );
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
