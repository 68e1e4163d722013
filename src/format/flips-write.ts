/**
 * Writes flip lists; `flips.ts` says what they are.
 *
 * @module
 */
import { LONG_GAP } from './flips.js';

/** The list that turns `from` into `to`, of the same length. */
export function flipList(from: Uint8Array, to: Uint8Array): Uint8Array<ArrayBuffer> {
  const list: number[] = [];
  let next = 0;
  for (let i = 0; i < from.length; i++) {
    for (let changed = from[i] ^ to[i]; changed !== 0; changed &= changed - 1) {
      const position = 8 * i + 31 - Math.clz32(changed & -changed);
      for (; position - next >= LONG_GAP; next += LONG_GAP) list.push(LONG_GAP);
      list.push(position - next);
      next = position + 1;
    }
  }
  return Uint8Array.from(list);
}
