/**
 * Checks of packed bits and other arrays, at the edge: what passes here, kernels.wasm takes as it is.
 *
 * @module
 */
import { argumentError, BitgaussError, requireInteger } from '../core/errors.js';

/** Bits of a row, 16 MiB: one bin for each distance fits in an array. */
const MAX_BITS = 2 ** 27;
/** Largest array of kernels.wasm, in bytes: 1 GiB less its headers. */
const MAX_BYTES = 2 ** 30 - 64;

/** Throws unless `value` is an array of that type, of this realm or of another. */
export function requireArray(name: string, value: unknown, type: 'Uint8Array' | 'Float32Array', fix: string): void {
  if (Object.prototype.toString.call(value) !== `[object ${type}]`) throw argumentError(name, value, `a ${type}, ${fix}`);
}

/** The number of rows of `columns` bits each in `packed`: whole ones, with spare bits 0. `unit` says what a row is. */
export function requireBits(name: string, packed: Uint8Array, columns: number, unit: string): number {
  requireArray(name, packed, 'Uint8Array', 'as packSigns returns it');
  const rowBytes = Math.ceil(columns / 8);
  if (packed.length % rowBytes !== 0)
    throw argumentError(name, packed, `a multiple of ${rowBytes} bytes, ceil(${columns} / 8) for each ${unit}`);
  const used = columns % 8;
  if (used > 0) {
    for (let i = rowBytes - 1; i < packed.length; i += rowBytes) {
      if (packed[i] >> used !== 0)
        throw argumentError(`${name}[${i}]`, packed[i], `zeros above bit ${used - 1}: ${columns} bits leave ${8 - used} to spare`);
    }
  }
  return packed.length / rowBytes;
}

/** Throws unless a result of this shape, 4 bytes an element, fits in one array of kernels.wasm. */
export function requireResult(name: string, ...shape: readonly number[]): void {
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements * 4 <= MAX_BYTES) return;
  const most = Math.floor(MAX_BYTES / 4);
  throw new BitgaussError(
    'argument',
    `${name}: got a result of ${shape.join(' x ')} elements, expected at most ${most}; pass fewer rows at a time`,
  );
}

export function requireBitCount(name: string, value: unknown): void {
  requireInteger(name, value, 1, MAX_BITS);
}
