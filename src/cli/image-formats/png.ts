/**
 * PNG pictures, by pngjs.
 *
 * @module
 */
import { PNG } from 'pngjs';
import type { ImageFormat } from './format.js';

export const png: ImageFormat = {
  name: 'PNG',
  signature: [137, 80, 78, 71, 13, 10, 26, 10],
  open(bytes) {
    const { width, height } = readSize(bytes);
    return { width, height, decode: () => PNG.sync.read(bytes).data };
  },
};

/** Width and height of the header chunk. Walks the chunks to IEND. */
function readSize(bytes: Buffer): { width: number; height: number } {
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new Error('it is truncated');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > bytes.length) throw new Error('it is truncated');
    if (at === 8 && (type !== 'IHDR' || length !== 13)) throw new Error('it has no header');
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
