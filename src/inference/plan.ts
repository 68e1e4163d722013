/**
 * Memory of buffers that live for some steps only: buffers whose lifetimes do not meet may share addresses.
 *
 * @module
 */
import { BitgaussError } from '../core/errors.js';

/** Kernels count in i32; the last page stays free. */
const MAX_BYTES = 2 ** 31 - 65536;

/** Throws where a model needs more memory than kernels can address. */
export function requireMemory(bytes: number): void {
  if (bytes > MAX_BYTES)
    throw new BitgaussError('unsupported', `memory: this model needs ${(bytes / 2 ** 30).toFixed(1)} GiB, expected at most 2 GiB`);
}

/** Buffers begin at multiples of 64 bytes. */
export function align64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export interface Lifetime {
  readonly bytes: number;
  /** First and last step that needs the buffer. */
  readonly first: number;
  last: number;
}

/** Offsets in the order of `buffers`, multiples of 64, and the bytes needed in all. First fit, in the order given. */
export function planBuffers(buffers: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const placed: { begin: number; end: number; buffer: Lifetime }[] = [];
  let total = 0;
  const offsets = buffers.map((buffer) => {
    let begin = 0;
    if (buffer.bytes === 0) return begin;
    for (const other of placed) {
      if (other.buffer.last < buffer.first || other.buffer.first > buffer.last) continue;
      if (begin + buffer.bytes <= other.begin) break;
      begin = Math.max(begin, other.end);
    }
    const end = begin + align64(buffer.bytes);
    placed.push({ begin, end, buffer });
    placed.sort((a, b) => a.begin - b.begin);
    total = Math.max(total, end);
    return begin;
  });
  return { offsets, bytes: total };
}
