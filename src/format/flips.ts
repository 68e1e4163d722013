/**
 * Flip lists: the bits in which a U8 tensor differs from another one, as the distances between them.
 *
 * Bits count from bit 0 of byte 0. Byte n below 255 means: n bits stay, the next one flips. Byte 255 means: 255 bits stay. The bits behind
 * the last flip stay. A flip takes about a byte, so a list is smaller than the bits themselves where fewer than one in eight flips.
 *
 * @module
 */
import { formatFailure } from './format-error.js';

/** Bits that stay, without a flip behind them. */
export const LONG_GAP = 255;

/** `bits` with the flips of the list; throws where the list ends in a gap or flips what lies behind the last bit. */
export function applyFlips(where: string, bits: Uint8Array, list: Uint8Array): Uint8Array<ArrayBuffer> {
  const flipped = new Uint8Array(bits);
  let position = 0;
  for (const gap of list) {
    position += gap;
    if (gap === LONG_GAP) continue;
    if (position >= 8 * bits.length) throw formatFailure(where, `a flip of bit ${position}`, `bits below ${8 * bits.length}`);
    flipped[Math.floor(position / 8)] ^= 1 << (position & 7);
    position++;
  }
  if (list[list.length - 1] === LONG_GAP) throw formatFailure(where, 'a list that ends in a gap', 'a flip at its end');
  return flipped;
}
