/**
 * Memory of buffers that live for some steps only: buffers whose lifetimes do not meet may share addresses.
 *
 * @module
 */
export interface Lifetime {
  readonly bytes: number;
  /** First and last step that needs the buffer. */
  readonly first: number;
  readonly last: number;
}

/** Offsets in the order of `buffers`, multiples of 64, and the bytes needed in all. First fit, in the order given. */
export function planBuffers(buffers: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const placed: { begin: number; end: number; buffer: Lifetime }[] = [];
  let total = 0;
  const offsets = buffers.map((buffer) => {
    let begin = 0;
    for (const other of placed) {
      if (other.buffer.last < buffer.first || other.buffer.first > buffer.last) continue;
      if (begin + buffer.bytes <= other.begin) break;
      begin = Math.max(begin, other.end);
    }
    const end = begin + Math.ceil(buffer.bytes / 64) * 64;
    placed.push({ begin, end, buffer });
    placed.sort((a, b) => a.begin - b.begin);
    total = Math.max(total, end);
    return begin;
  });
  return { offsets, bytes: total };
}
