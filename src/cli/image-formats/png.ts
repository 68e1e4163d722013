/**
 * PNG pictures, by pngjs.
 *
 * @module
 */
import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { type ImageFormat, PictureError } from './format.js';

export const png: ImageFormat = {
  name: 'PNG',
  signature: [137, 80, 78, 71, 13, 10, 26, 10],
  open(bytes) {
    const { width, height, data } = readChunks(bytes);
    return {
      width,
      height,
      decode() {
        requireData(data, bytes);
        return PNG.sync.read(bytes).data;
      },
    };
  },
};

/** Width and height of the header chunk, and the compressed data. Walks the chunks to IEND. */
function readChunks(bytes: Buffer): { width: number; height: number; data: Buffer } {
  const data: Buffer[] = [];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new PictureError('it is truncated');
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > bytes.length) throw new PictureError('it is truncated');
    if (at === 8 && (type !== 'IHDR' || length !== 13)) throw new PictureError('it has no header');
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length));
    if (type === 'IEND') break;
    at += 12 + length;
  }
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), data: Buffer.concat(data) };
}

/** pngjs gives black where data are missing or no zlib stream at all: they must be whole. */
function requireData(data: Buffer, header: Buffer): void {
  const [width, height, depth, colour, interlace] = [header.readUInt32BE(16), header.readUInt32BE(20), header[24], header[25], header[28]];
  const values = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colour] ?? 1;
  const row = Math.ceil((width * values * depth) / 8);
  // Interlaced pictures have more rows, each with its filter byte, but no fewer bytes of pixels.
  const expected = interlace === 0 ? (row + 1) * height : row * height;
  let length: number;
  try {
    length = inflateSync(data, { maxOutputLength: 4 * expected + 65536 }).length;
  } catch {
    throw new PictureError('its data are damaged');
  }
  if (length < expected) throw new PictureError('its data are incomplete');
}
